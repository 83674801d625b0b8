/** Sending deliveries again, one or many. */
import { asProblem, call, plural, route, type Schema, words } from "../../base";

/** A delivery of the list. */
export type Row = Schema<"AttentionRow">;

/** What became of one that was to be sent again; null is well. */
export interface Outcome {
  row: Row;
  why: string | null;
}

/** Whether the first mail may have arrived, so that another may be the second. */
export function mayBeTwice({ status }: Pick<Row, "status">): boolean {
  return status === "unknown" || status === "unconfirmed";
}

/** How many are on their way, and why others are not. */
export function outcomesOf(outcomes: Outcome[]): { sent: number; not: { row: Row; why: string }[] } {
  const not = outcomes.flatMap(({ row, why }) => (why === null ? [] : [{ row, why }]));
  return { sent: outcomes.length - not.length, not };
}

/** Sends each again; with the same key each is sent once. Begins no other once `stop` is aborted. */
export async function sendAgain(rows: Row[], key: string, stop: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    if (stop.aborted) break;
    const parts = { id: row.ticket_id, message: row.message_id, delivery: row.id };
    try {
      await call("POST", route("/tickets/{id}/messages/{message}/deliveries/{delivery}/resend", parts), {
        key: `${key}.${row.id}`,
      });
      outcomes.push({ row, why: null });
    } catch (error) {
      outcomes.push({ row, why: asProblem(error).message });
    }
  }
  return outcomes;
}

/** What became of those that were to be sent again: sent, refused, and left because somebody cancelled. */
export function sentAgain(sent: number, refused: number, left: number): string {
  const w = words.value.desk.deliveries;
  return [
    ...(sent || !(refused || left) ? [plural(sent, w.againQueued)] : []),
    ...(refused ? [plural(refused, w.againFailed)] : []),
    ...(left ? [plural(left, w.againStopped)] : []),
  ].join(" ");
}

/** Which deliveries an administrator sends again at once. */
export interface Choice {
  status: Row["status"] | null;
  reason: string | null;
  ticket: string | null;
}

/** States out of which a delivery may be sent again. */
export const SENT_AGAIN: readonly Row["status"][] = ["unknown", "unconfirmed", "failed", "bounced"];

/** How many are chosen, and what became of them. */
export type Totals = Pick<Schema<"ResentMany">, "matched" | "resent" | "may_arrive_twice" | "too_early" | "changed">;

/** Entries of the list are kept so long. */
const DAYS_180 = 180 * 86_400_000;

/** What the API takes for a choice. */
export function bodyOf(choice: Choice, now: number): Schema<"ResendMany"> {
  return {
    statuses: choice.status ? [choice.status] : [...SENT_AGAIN],
    ...(choice.reason && { reasons: [choice.reason] }),
    ...(choice.ticket ? { ticket_id: choice.ticket } : { from: new Date(now - DAYS_180).toISOString() }),
  };
}

/**
 * Sends everything of a choice again, or only counts it, part by part until all was looked through, or until `stop` is
 * aborted: what is being sent then is sent, and no other part is begun.
 */
export async function sendAllAgain(
  body: Schema<"ResendMany">,
  how: { dry: boolean; key: string; stop: AbortSignal },
): Promise<Totals> {
  const totals: Totals = { matched: 0, resent: 0, may_arrive_twice: 0, too_early: 0, changed: 0 };
  let cursor: string | null = null;
  for (let part = 0; part === 0 || (cursor !== null && !how.stop.aborted); part++) {
    const answer: Schema<"ResentMany"> = (
      await call<Schema<"ResentMany">>("POST", "/deliveries/resend", {
        body: { ...body, dry_run: how.dry, ...(cursor && { cursor }) },
        ...(how.dry ? { signal: how.stop } : { key: `${how.key}.${part}` }),
      })
    ).body;
    for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += answer[name];
    cursor = answer.next_cursor ?? null;
  }
  return totals;
}
