/** A list that is read page by page, and asked for again as far as it is shown. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { language } from "../words";
import { asProblem, type Call, get, type Problem } from "./client";
import { scheduler } from "./poll";
import type { Page } from "./types";

/** What a screen has of a list. */
export interface Pages<T> {
  rows: ReadonlySignal<T[] | null>;
  /** Why the pages that are shown could not be read the last time. */
  problem: ReadonlySignal<Problem | null>;
  /** Whether there is a further page. */
  more: ReadonlySignal<boolean>;
  loadingMore: ReadonlySignal<boolean>;
  /** Why the further page is not there. */
  moreProblem: ReadonlySignal<Problem | null>;
  loadMore: () => Promise<void>;
  /** When it was asked last. */
  asked: ReadonlySignal<number>;
  /** Asks again for all pages that are shown. */
  reload: () => Promise<void>;
}

/** What a row is known by. */
type KeyOf<T> = (row: T) => unknown;
const byId = (row: unknown) => (row as { id: unknown }).id;

/** Reads the first `count()` pages, or what there is of them, each row once. */
export async function firstPages<T>(
  read: (cursor: string | null) => Promise<Page<T>>,
  count: () => number,
  keyOf: KeyOf<T> = byId,
): Promise<{ rows: T[]; cursor: string | null }> {
  const rows = new Map<unknown, T>();
  let cursor: string | null = null;
  for (let page = 0; page === 0 || (page < count() && cursor !== null); page++) {
    const { items, next_cursor }: Page<T> = await read(cursor);
    for (const row of items) if (!rows.has(keyOf(row))) rows.set(keyOf(row), row);
    cursor = next_cursor ?? null;
  }
  return { rows: [...rows.values()], cursor };
}

/** Whether a list may have changed since this was asked; always when it is to be read `anyway`. */
type Changed = (anyway: boolean, signal: AbortSignal) => Promise<boolean>;

interface Options<T> {
  /** Milliseconds after which it is asked again; never without. */
  every?: number;
  /** Says between that it need not be. */
  changed?: Changed;
  /** Where rows have no `id`. */
  keyOf?: KeyOf<T>;
  /** All pages at once: somebody chooses from all rows. */
  whole?: boolean;
}

/**
 * The pages of `path`, read when the query changes and every so often. An answer to another query, or older than
 * another, is dropped.
 */
export function usePages<T>(path: string, query: NonNullable<Call["query"]>, options: Options<T> = {}): Pages<T> {
  const rows = useSignal<T[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const cursor = useSignal<string | null>(null);
  const more = useSignal(false);
  const asked = useSignal(0);
  const loadingMore = useSignal(false);
  const moreProblem = useSignal<Problem | null>(null);
  /** How many pages are shown, with the one that is being read. */
  const least = options.whole ? Number.POSITIVE_INFINITY : 1;
  const shown = useRef(least);
  const stale = useRef(true);
  const turn = useRef(0);
  const leave = useRef(new AbortController());
  const wanted = JSON.stringify(query);
  const latest = useRef({ path, query, options });
  latest.current = { path, query, options };

  /** Reads pages of the list as it is asked for now, whatever is asked for later. */
  const reader = () => {
    const { path, query } = latest.current;
    const { signal } = leave.current;
    return (from: string | null) => get<Page<T>>(path, { query: { ...query, cursor: from }, signal });
  };
  const show = (found: T[], next: string | null) => {
    rows.value = found;
    cursor.value = next;
    more.value = next !== null;
  };
  const ask = useRef(async (anyway: boolean) => {
    const { signal } = leave.current;
    const read = reader();
    let mine = turn.current;
    try {
      const changed = (await latest.current.options.changed?.(anyway, signal)) ?? true;
      if (signal.aborted) return;
      stale.current ||= changed || anyway;
      if (stale.current) {
        turn.current += 1;
        mine = turn.current;
        const found = await firstPages(read, () => shown.current, latest.current.options.keyOf);
        if (mine !== turn.current) return;
        show(found.rows, found.cursor);
        stale.current = false;
      }
      problem.value = null;
      asked.value = Date.now();
    } catch (error) {
      if (signal.aborted || mine !== turn.current) return;
      problem.value = asProblem(error);
      throw error;
    }
  });
  const loadMore = useRef(async () => {
    if (!cursor.value || loadingMore.value) return;
    loadingMore.value = true;
    moreProblem.value = null;
    shown.current += 1;
    const mine = turn.current;
    const { signal } = leave.current;
    try {
      const page = await reader()(cursor.value);
      // Who asked for everything meanwhile asked for this page too.
      if (mine === turn.current) {
        const keyOf = latest.current.options.keyOf ?? byId;
        const known = new Set(rows.value?.map(keyOf));
        show([...(rows.value ?? []), ...page.items.filter((row) => !known.has(keyOf(row)))], page.next_cursor ?? null);
      }
    } catch (error) {
      if (mine === turn.current) {
        shown.current -= 1;
        moreProblem.value = asProblem(error);
      }
    }
    if (!signal.aborted) loadingMore.value = false;
  });
  const reload = useRef(() => ask.current(true).catch(() => undefined));

  useEffect(() => {
    rows.value = null;
    more.value = false;
    cursor.value = null;
    problem.value = null;
    moreProblem.value = null;
    loadingMore.value = false;
    shown.current = least;
    stale.current = true;
    leave.current = new AbortController();
    void reload.current();
    const { every } = options;
    const stop =
      every &&
      scheduler.every(
        path,
        () => every,
        () => ask.current(false),
      );
    return () => {
      turn.current += 1;
      leave.current.abort();
      if (stop) stop();
    };
  }, [wanted, language.value]);

  return { rows, problem, more, loadingMore, moreProblem, asked, loadMore: loadMore.current, reload: reload.current };
}
