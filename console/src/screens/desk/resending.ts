/** Sending deliveries again, one or many. */
import { asProblem, call, newKey, route, type Schema } from "../../base";

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

/** Sends each again. */
export async function sendAgain(rows: Row[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    const parts = { id: row.ticket_id, message: row.message_id, delivery: row.id };
    try {
      await call("POST", route("/tickets/{id}/messages/{message}/deliveries/{delivery}/resend", parts), {
        key: newKey(),
      });
      outcomes.push({ row, why: null });
    } catch (error) {
      outcomes.push({ row, why: asProblem(error).message });
    }
  }
  return outcomes;
}
