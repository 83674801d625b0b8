/**
 * What somebody typed and did not send yet, kept in this browser: for the person, the ticket, and with
 * who is to read it. The idempotency key stays with it, so that a second try after a broken connection
 * is the same message.
 */
import { claims, DRAFTS_LAST, newKey, type Schema, store, stored } from "../base";

/** What the API takes for a message. */
export type NewMessage = Schema<"NewMessage">;

/** A file of a draft: put already, and then with the id of its upload; or to be chosen again. */
export interface KeptFile {
  name: string;
  size: number;
  id: string | null;
  /** When it was put: it waits a day for its message. */
  at: number;
}

/** What stands beside the text at the desk. */
export interface Extras {
  visibility: "public" | "internal";
  notify: boolean;
  category: string;
  hours: string;
  date: string;
}

/** A draft. */
export interface Draft {
  text: string;
  /** The same with its marks, when it has any. */
  html?: string | undefined;
  extras?: Extras | undefined;
  files?: KeptFile[] | undefined;
  /** `Idempotency-Key`, from the first try until the server has the message. */
  key?: string | undefined;
  /** The body of a try whose outcome is not known: the same again is the same message. */
  tried?: NewMessage | undefined;
  at: number;
}

/** What of a draft somebody wrote and chose. */
export type Kept = Pick<Draft, "text" | "html" | "extras" | "files">;

/** The event that tells the rest of this page of a change: `storage` tells other tabs alone. */
const CHANGED = "mensageria-draft";

/** Whether there is nothing in it that somebody would miss. */
export function isEmpty(draft: Pick<Draft, "text" | "files">): boolean {
  return draft.text.trim() === "" && !draft.files?.length;
}

/** Whether two say the same, however often they were kept. */
export function sameDraft(one: Kept | null, other: Kept | null): boolean {
  const content = (draft: Kept | null) =>
    draft && !isEmpty(draft) && JSON.stringify([draft.text, draft.html, draft.extras, draft.files ?? []]);
  return (content(one) || null) === (content(other) || null);
}

/** The draft for a ticket of one person: of the one who began it, whoever is signed in when it is kept. */
export class DraftPlace {
  private readonly name: string;
  /** Where the browser keeps nothing: gone with the page, but good for a second try. */
  private memory: Draft | null = null;

  constructor(
    ticket: string,
    person: string | null = claims.value?.sub ?? null,
    private readonly now: () => number = Date.now,
  ) {
    this.name = `draft.${person ?? "-"}.${ticket}`;
  }

  /** The draft, unless it is too old. */
  read(): Draft | null {
    if (this.memory) return this.memory;
    try {
      const found = JSON.parse(stored(this.name) ?? "null") as Draft | null;
      return found && typeof found.text === "string" && this.now() - found.at < DRAFTS_LAST ? found : null;
    } catch {
      return null;
    }
  }

  /** Keeps a draft; an empty one goes away. Says whether it is kept. */
  keep(draft: Kept & Pick<Draft, "key" | "tried">): boolean {
    if (isEmpty(draft)) return this.forget();
    const { key, tried } = this.read() ?? {};
    const whole: Draft = { key, tried, ...draft, at: this.now() };
    const stays = store(this.name, JSON.stringify(whole));
    this.memory = stays ? null : whole;
    if (stays) this.tell();
    return stays;
  }

  /** Forgets it. */
  forget(): boolean {
    this.memory = null;
    const gone = store(this.name, null);
    this.tell();
    return gone;
  }

  /** The key of its message: the same for every try. */
  key(): string {
    const draft = this.read();
    if (draft?.key) return draft.key;
    const key = newKey();
    if (draft) this.keep({ ...draft, key });
    return key;
  }

  /** Remembers a try whose outcome is not known yet, or forgets it (null) once it is. */
  tried(body: NewMessage | null): void {
    const draft = this.read();
    if (draft) this.keep({ ...draft, tried: body ?? undefined });
  }

  /** Calls `act` when it was changed elsewhere: in another tab, or by an earlier composer of this one. */
  follow(act: (draft: Draft | null) => void): () => void {
    const elsewhere = (event: StorageEvent) => {
      if (event.key === `mensageria.${this.name}`) act(this.read());
    };
    const here = (event: Event) => {
      const { detail } = event as CustomEvent<DraftPlace>;
      if (detail !== this && detail.name === this.name) act(this.read());
    };
    addEventListener("storage", elsewhere);
    addEventListener(CHANGED, here);
    return () => {
      removeEventListener("storage", elsewhere);
      removeEventListener(CHANGED, here);
    };
  }

  private tell(): void {
    dispatchEvent(new CustomEvent(CHANGED, { detail: this }));
  }
}

/** Whether there is a draft for a ticket. */
export function hasDraft(ticket: string): boolean {
  return new DraftPlace(ticket).read() !== null;
}
