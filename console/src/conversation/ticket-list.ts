/** A list of tickets, kept up to date by cheap asking. */
import { signal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { get, type Pages, type Schema, type TicketRow, usePages } from "../base";

const EVERY = 20_000;

/** The tickets of the list that was shown last, in its order: from one of them one goes to the next. */
export const lastList = signal<string[]>([]);

/** The tickets of a filter, newest activity first. */
export function useTicketList(query: Record<string, string | null>): Pages<TicketRow> {
  const since = useRef<string | null>(null);
  // Asked before the list: what happens between both is told by the next change.
  const changed = async (anyway: boolean, signal: AbortSignal) => {
    const from = anyway ? null : since.current;
    const { items, more, next } = await get<Schema<"TicketChanges">>("/tickets/changes", {
      query: { since: from },
      signal,
    });
    since.current = next;
    return from === null || items.length > 0 || more;
  };
  const list = usePages<TicketRow>("/tickets", query, { every: EVERY, changed });
  useSignalEffect(() => {
    if (list.rows.value) lastList.value = list.rows.value.map(({ id }) => id);
  });
  return list;
}
