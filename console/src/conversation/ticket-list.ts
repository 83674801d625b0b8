/** A list of tickets: a first page that is kept up to date by cheap asking, and more on demand. */
import { type ReadonlySignal, signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { asProblem, get, language, type Page, type Problem, type Schema, scheduler, type TicketRow } from "../base";

/** What a screen has of a list. */
export interface TicketList {
  rows: ReadonlySignal<TicketRow[] | null>;
  problem: ReadonlySignal<Problem | null>;
  more: ReadonlySignal<boolean>;
  loadingMore: ReadonlySignal<boolean>;
  /** When it was asked last. */
  asked: ReadonlySignal<number>;
  loadMore: () => Promise<void>;
  reload: () => Promise<void>;
}

const EVERY = 20_000;

/** The tickets of the list that was shown last, in its order: from one of them one goes to the next. */
export const lastList = signal<string[]>([]);

/** The tickets of a filter, newest activity first. */
export function useTicketList(query: Record<string, string | null>): TicketList {
  const rows = useSignal<TicketRow[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const cursor = useSignal<string | null>(null);
  const more = useSignal(false);
  const loadingMore = useSignal(false);
  const asked = useSignal(0);
  const since = useRef<string | null>(null);
  const turn = useRef(0);
  const wanted = JSON.stringify(query);
  const filter = useRef(query);
  filter.current = query;

  const first = useRef(async () => {
    turn.current += 1;
    const mine = turn.current;
    try {
      // Before the list: what happens between both is told by the next change.
      const changes = await get<Schema<"TicketChanges">>("/tickets/changes");
      const page = await get<Page<TicketRow>>("/tickets", { query: filter.current });
      if (mine !== turn.current) return;
      since.current = changes.next;
      rows.value = page.items;
      cursor.value = page.next_cursor ?? null;
      more.value = cursor.value !== null;
      problem.value = null;
      asked.value = Date.now();
    } catch (error) {
      if (mine === turn.current) problem.value = asProblem(error);
      throw error;
    }
  });
  const follow = useRef(async () => {
    if (since.current === null) return first.current();
    try {
      const changes = await get<Schema<"TicketChanges">>("/tickets/changes", { query: { since: since.current } });
      if (changes.items.length > 0 || changes.more) await first.current();
      since.current = changes.next;
      problem.value = null;
      asked.value = Date.now();
    } catch (error) {
      problem.value = asProblem(error);
      throw error;
    }
  });
  const loadMore = useRef(async () => {
    if (!cursor.value || loadingMore.value) return;
    loadingMore.value = true;
    const mine = turn.current;
    try {
      const page = await get<Page<TicketRow>>("/tickets", { query: { ...filter.current, cursor: cursor.value } });
      if (mine === turn.current) {
        const known = new Set(rows.value?.map(({ id }) => id));
        rows.value = [...(rows.value ?? []), ...page.items.filter(({ id }) => !known.has(id))];
        cursor.value = page.next_cursor ?? null;
        more.value = cursor.value !== null;
      }
    } catch (error) {
      problem.value = asProblem(error);
    }
    loadingMore.value = false;
  });
  const reload = useRef(() => first.current().catch(() => undefined));

  useSignalEffect(() => {
    if (rows.value) lastList.value = rows.value.map(({ id }) => id);
  });
  useEffect(() => {
    rows.value = null;
    problem.value = null;
    void reload.current();
    const stop = scheduler.every(
      "tickets",
      () => EVERY,
      () => follow.current(),
    );
    return () => {
      turn.current += 1;
      stop();
    };
  }, [wanted, language.value]);

  return { rows, problem, more, loadingMore, asked, loadMore: loadMore.current, reload: reload.current };
}
