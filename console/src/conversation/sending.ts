/** What is posted, and what an answer that is not a success means for the draft. Nothing here shows anything. */
import type { Problem } from "../base";
import type { NewMessage } from "./drafts";

/** Seconds for which a message may be taken back. */
export const UNDO_SECONDS = 10;

/** What has been seen by somebody who saw that nobody has written yet. */
export const NOTHING_SEEN = "00000000-0000-0000-0000-000000000000";

/** What a person wrote and chose: what makes two tries the same message. */
export type Content = Omit<NewMessage, "if_seen" | "delay_s">;

/** The content of a body. */
function contentOf({ if_seen: _seen, delay_s: _delay, ...content }: NewMessage): Content {
  return content;
}

const sorted = (content: Content) => JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The body to post. When a try with the same content has no known outcome it is that very body, so
 * that the server answers what it did then; else one that says what its author has seen.
 */
export function bodyFor(content: Content, seen: string | null, tried: NewMessage | undefined): NewMessage {
  if (tried && sorted(contentOf(tried)) === sorted(content)) return tried;
  return { ...content, ...(seen && { if_seen: seen }), delay_s: UNDO_SECONDS };
}

/** What a failed try means. */
export type Outcome =
  /** Not known whether it is stored: the same try again tells. */
  | "unsure"
  /** Somebody wrote in the meantime: nothing is stored, and the author is asked. */
  | "newer"
  /** An earlier try, with another content, was stored. */
  | "stored-before"
  /** Files are not there any more: they have to be put again. */
  | "files"
  /** Nothing is stored, for the reason that the problem says. */
  | "refused";

/** What a failed try means. */
export function outcomeOf(problem: Pick<Problem, "status" | "code" | "errors">): Outcome {
  if (problem.status === 0 || problem.status >= 500) return "unsure";
  if (problem.code === "NEWER_MESSAGE") return "newer";
  if (problem.code === "IDEMPOTENCY_MISMATCH") return "stored-before";
  if (lostFiles(problem).length > 0) return "files";
  return "refused";
}

/** Places of the files that are not there any more. */
export function lostFiles(problem: Pick<Problem, "errors">): number[] {
  return problem.errors
    .filter(({ code }) => /^UPLOAD_(UNKNOWN|MISSING)$/.test(code))
    .map(({ field }) => Number(/^attachments\[(\d+)\]$/.exec(field ?? "")?.[1] ?? Number.NaN))
    .filter((at) => !Number.isNaN(at));
}
