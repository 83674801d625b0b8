/**
 * What somebody typed and did not send yet, kept in this browser: for the person, the ticket and who
 * reads it. The idempotency key stays with it, so that a second try after a broken connection is the
 * same message.
 */
import { claims, newKey, store, stored } from "../base";

/** A draft. */
export interface Draft {
  text: string;
  /** The same with its marks, when it was written in the editor. */
  html?: string | undefined;
  /** `Idempotency-Key`, from the first try on. */
  key?: string | undefined;
  /** What was tried with that key: anything else is another message. */
  tried?: string | undefined;
  at: number;
}

const DAYS_30 = 30 * 86_400_000;

const name = (ticket: string) => `draft.${claims.value?.sub ?? "-"}.${ticket}`;

/** The draft for a ticket, unless it is too old. */
export function draftOf(ticket: string): Draft | null {
  try {
    const found = JSON.parse(stored(name(ticket)) ?? "null") as Draft | null;
    return found && typeof found.text === "string" && Date.now() - found.at < DAYS_30 ? found : null;
  } catch {
    return null;
  }
}

/** Keeps a draft; an empty one goes away. Says whether it is kept. */
export function keepDraft(ticket: string, draft: Draft | null): boolean {
  return store(name(ticket), draft?.text.trim() ? JSON.stringify(draft) : null);
}

/** The key for a message with this body: the one of the last try when that had the same. */
export function keyFor(ticket: string, body: unknown): string {
  const draft = draftOf(ticket);
  const tried = JSON.stringify(body);
  if (draft?.key && draft.tried === tried) return draft.key;
  const key = newKey();
  if (draft) keepDraft(ticket, { ...draft, key, tried });
  return key;
}

/** Calls `act` when another tab changed the draft. */
export function followDraft(ticket: string, act: (draft: Draft | null) => void): () => void {
  const key = `mensageria.${name(ticket)}`;
  const follow = (event: StorageEvent) => {
    if (event.key === key) act(draftOf(ticket));
  };
  addEventListener("storage", follow);
  return () => removeEventListener("storage", follow);
}
