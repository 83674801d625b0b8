/** What an administrator writes on a screen and did not send yet, kept in this browser. */
import { claims, store, stored } from "../../base";

/** Something as it is written, and what was stored when that was begun: somebody may save before it is taken up again. */
export interface Begun<T> {
  base: T;
  draft: T;
}

/** The place of a draft: of the person who began it, whoever is signed in when it is kept. */
export class Place<T> {
  private readonly name: string;

  /** `is` says whether what this browser kept is such a draft: an older console may have kept another kind. */
  constructor(
    kind: string,
    id: string,
    private readonly is: (found: unknown) => boolean,
    person: string | null = claims.value?.sub ?? null,
  ) {
    this.name = `${kind}.${person ?? "-"}.${id}`;
  }

  /** Keeps it, where the browser keeps anything. */
  keep(begun: Begun<T>): void {
    store(this.name, JSON.stringify(begun));
  }

  forget(): void {
    store(this.name, null);
  }

  read(): Begun<T> | null {
    try {
      const found = JSON.parse(stored(this.name) ?? "null") as Begun<T> | null;
      return found && this.is(found.base) && this.is(found.draft) ? found : null;
    } catch {
      return null;
    }
  }
}
