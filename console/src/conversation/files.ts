/** Files that go with a message: checked, put one after the other, cancelled, tried again. */
import { type Signal, signal } from "@preact/signals";
import {
  asProblem,
  bytes,
  call,
  type Me,
  newKey,
  type Problem,
  plural,
  put,
  route,
  type Schema,
  sha256,
  words,
} from "../base";
import type { KeptFile } from "./drafts";

/** How an upload stands: waiting or under way, there, not there for a reason, or to be chosen again. */
export type FileState = "uploading" | "ready" | "failed" | "lost";

/** A file that was chosen. */
export interface Chosen {
  /** Its own, among those of this composer. */
  key: string;
  name: string;
  size: number;
  state: FileState;
  /** What has left of it, in hundredths. */
  percent: number;
  problem: Problem | null;
  /** The id of its upload, once it is there. */
  id: string | null;
  /** Whether somebody looks at it for viruses. */
  scanned: boolean;
  at: number;
}

interface Source {
  file: File;
  stop: AbortController;
  /** Of the offer: the same for each try until one is refused or over. */
  key: string;
  offer: Schema<"UploadOffer"> | null;
}

type Limits = Me["limits"];

/** An upload waits so long for its message: a day, and an hour less for the person's sake. */
const WAITS = 23 * 3_600_000;

/** Why a file is not taken, in words; null when it is. */
export function refusalOf(file: Pick<File, "name" | "size">, taken: number, limits: Limits): string | null {
  const w = words.value.files;
  if (taken >= limits.attachments) return plural(limits.attachments, w.tooMany);
  if (file.size > limits.attachment_bytes) return w.tooLarge(file.name, bytes(limits.attachment_bytes));
  if (file.size === 0) return w.emptyFile(file.name);
  const name = file.name.toLowerCase();
  if (limits.refused_extensions.some((extension) => name.endsWith(`.${extension}`)))
    return w.refusedExtension(file.name);
  return null;
}

/** The files of one composer. */
export class Files {
  readonly list: Signal<Chosen[]> = signal([]);
  /** Why files were not taken that were chosen last. */
  readonly refused: Signal<string[]> = signal([]);
  private readonly sources = new Map<string, Source>();
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly ticket: string,
    private readonly limits: () => Limits | null,
    private readonly onChange: () => void,
  ) {}

  /** Takes files that were chosen, dropped or pasted. */
  add(files: Iterable<File>): void {
    const limits = this.limits();
    const refused: string[] = [];
    for (const file of files) {
      const refusal = limits && refusalOf(file, this.list.value.length, limits);
      if (refusal) {
        if (!refused.includes(refusal)) refused.push(refusal);
        continue;
      }
      const key = newKey();
      this.sources.set(key, { file, stop: new AbortController(), key: newKey(), offer: null });
      const chosen: Chosen = {
        key,
        name: file.name,
        size: file.size,
        state: "uploading",
        percent: 0,
        problem: null,
        id: null,
        scanned: true,
        at: Date.now(),
      };
      this.list.value = [...this.list.value, chosen];
      this.start(key);
    }
    this.refused.value = refused;
    this.onChange();
  }

  /** Takes one away; what is under way is cancelled. */
  remove(key: string): void {
    this.sources.get(key)?.stop.abort();
    this.sources.delete(key);
    this.list.value = this.list.value.filter((chosen) => chosen.key !== key);
    this.refused.value = [];
    this.onChange();
  }

  /** Tries one again that did not go well. */
  retry(key: string): void {
    const source = this.sources.get(key);
    if (!source) return;
    source.stop = new AbortController();
    this.change(key, { state: "uploading", percent: 0, problem: null });
    this.start(key);
  }

  /** Whether the file itself is at hand, to be put again. */
  canRetry(key: string): boolean {
    return this.sources.has(key);
  }

  /** Cancels everything: the composer is gone, and the draft has what is there already. */
  stop(): void {
    for (const { stop } of this.sources.values()) stop.abort();
  }

  /** Ids for the message; null while one is not there. */
  ids(): string[] | null {
    const ids = this.list.value.flatMap(({ id, state }) => (state === "ready" && id ? [id] : []));
    return ids.length === this.list.value.length ? ids : null;
  }

  /** Those at these places are not at the server any more: they are put again, or have to be chosen again. */
  lost(places: number[]): void {
    for (const place of places) {
      const chosen = this.list.value[place];
      if (chosen) this.again(chosen.key);
    }
    this.onChange();
  }

  /** Forgets those with these ids: the message has them. They can be given to `restore`. */
  take(ids: string[]): Taken {
    const isTaken = ({ id }: Chosen) => id !== null && ids.includes(id);
    const taken: Taken = { list: this.list.value.filter(isTaken), sources: new Map() };
    for (const { key } of taken.list) {
      const source = this.sources.get(key);
      if (source) taken.sources.set(key, source);
      this.sources.delete(key);
    }
    this.list.value = this.list.value.filter((chosen) => !isTaken(chosen));
    this.refused.value = [];
    return taken;
  }

  /** Puts the files of a message that was taken back again: their uploads went with it. */
  restore({ list, sources }: Taken): void {
    for (const [key, source] of sources) this.sources.set(key, source);
    this.list.value = [...this.list.value, ...list];
    for (const { key } of list) this.again(key);
    this.onChange();
  }

  /** What a draft keeps. */
  kept(): KeptFile[] {
    return this.list.value.map(({ name, size, id, state, at }) => ({
      name,
      size,
      id: state === "ready" ? id : null,
      at,
    }));
  }

  /** The files of a draft; those that are not there have to be chosen again. */
  load(kept: KeptFile[]): void {
    this.list.value = kept.map(({ name, size, id, at }) => {
      const there = id !== null && Date.now() - at < WAITS;
      const state = there ? "ready" : "lost";
      return { key: newKey(), name, size, state, percent: 100, problem: null, id, scanned: false, at };
    });
  }

  private again(key: string): void {
    const source = this.sources.get(key);
    if (source) {
      Object.assign(source, { key: newKey(), offer: null });
      this.retry(key);
    } else this.change(key, { state: "lost", id: null });
  }

  private change(key: string, changes: Partial<Chosen>): void {
    this.list.value = this.list.value.map((chosen) => (chosen.key === key ? { ...chosen, ...changes } : chosen));
  }

  /** One at a time: a slow line is not shared, and memory has one file. */
  private start(key: string): void {
    this.queue = this.queue.then(() => this.upload(key));
  }

  private async upload(key: string): Promise<void> {
    const source = this.sources.get(key);
    if (!source || source.stop.signal.aborted) return;
    const { file, stop } = source;
    try {
      if (!source.offer || Date.parse(source.offer.expires_at) < Date.now() + 60_000) {
        if (source.offer) source.key = newKey();
        const body = { name: file.name, media_type: file.type, size: file.size, sha256: await sha256(file) };
        const path = route("/tickets/{id}/uploads", { id: this.ticket });
        const answer = await call<Schema<"UploadOffer">>("POST", path, { body, key: source.key, signal: stop.signal });
        source.offer = answer.body;
      }
      const { id, scanned } = source.offer;
      await put(source.offer, file, (part) => this.change(key, { percent: Math.floor(part * 100) }), stop.signal);
      this.change(key, { state: "ready", percent: 100, id, scanned, at: Date.now() });
    } catch (error) {
      if (stop.signal.aborted) return;
      const problem = asProblem(error);
      // An offer that was refused or is over is not made again by the same key.
      if (!problem.passing) Object.assign(source, { key: newKey(), offer: null });
      this.change(key, { state: "failed", problem });
    }
    this.onChange();
  }
}

/** Files that went with a message. */
export interface Taken {
  list: Chosen[];
  sources: Map<string, Source>;
}

/** Files of something that was dropped or pasted; none where it is text: programs add a picture of that. */
export function filesOf(data: DataTransfer | null): File[] {
  if (!data || data.types.includes("text/plain")) return [];
  const named = (file: File) =>
    // Every pasted picture is called so: two of them could not be told apart.
    /^image\.\w+$/.test(file.name)
      ? new File([file], `${words.value.files.pasted} ${stamp()}.${file.name.split(".")[1]}`, { type: file.type })
      : file;
  return [...data.files].map(named);
}

/** The time of now for the name of a file. */
function stamp(): string {
  return new Date().toLocaleString("sv").replace(/:/g, "-");
}
