/** An open conversation: newest first, older on demand, asked again, and marked as read when seen. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  announce,
  asProblem,
  call,
  get,
  me,
  type Problem,
  plural,
  route,
  type Schema,
  scheduler,
  words,
} from "../base";

type Reply = Schema<"ConversationPage">;
/** A message as a conversation lists it; the desk sees what became of its mails. */
export type Listed = Reply["items"][number];

/** What a screen has of a conversation. */
export interface Feed {
  messages: ReadonlySignal<Listed[] | null>;
  problem: ReadonlySignal<Problem | null>;
  /** Whether there are older ones. */
  more: ReadonlySignal<boolean>;
  loadingOlder: ReadonlySignal<boolean>;
  /** The first message that was new when it came. */
  firstNew: ReadonlySignal<string | null>;
  older: () => Promise<void>;
  refresh: () => Promise<void>;
  /** Takes away a message that was taken back. */
  forget: (id: string) => void;
}

/** Asked again after so many milliseconds, while a mail is under way and otherwise. */
const SOON = 5000;
const LATER = 15_000;
const PAGE = 25;
const UNDER_WAY = new Set(["queued", "sending", "accepted", "delayed"]);
/** For so long after it was written a message may be taken back; the API allows a minute. */
const MAY_GO = 75_000;
/** A mail that is accepted for so long is asked about less often. */
const FRESH = 15 * 60_000;

/** Whether the caller wrote it. */
export function isMine(message: Listed): boolean {
  const mine = me.value?.email;
  return !!mine && message.author.email === mine;
}

function isUnderWay(message: Listed): boolean {
  const young = (at: string) => Date.now() - new Date(at).getTime() < FRESH;
  return (message.deliveries ?? []).some(({ status, updated_at }) => UNDER_WAY.has(status) && young(updated_at));
}

/** Whether a message may have been taken back since it was asked for last. */
function mayGo(message: Listed, asked: number): boolean {
  return asked - new Date(message.created_at).getTime() < MAY_GO;
}

/** The conversation of a ticket. `unread`: how many the caller has not read, as the ticket says. */
export function useFeed(ticket: string, unread: number | null): Feed {
  const messages = useSignal<Listed[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const cursor = useSignal<string | null>(null);
  const more = useSignal(false);
  const loadingOlder = useSignal(false);
  const firstNew = useSignal<string | null>(null);
  const gone = useRef(false);
  const marked = useRef<string | null>(null);
  const asked = useRef(0);
  /** Of the call that was made last: what an earlier one read is older than what is shown. */
  const turn = useRef(0);
  const path = route("/tickets/{id}/messages", { id: ticket });

  const take = useRef((items: Listed[], newestFirst = false) => {
    const known = new Map((messages.value ?? []).map((message) => [message.id, message]));
    if (newestFirst) {
      // Of the newest page: what is younger than its oldest and is not in it was taken back.
      const oldest = items.map(({ id }) => id).sort()[0] ?? "~";
      const there = new Set(items.map(({ id }) => id));
      for (const id of known.keys()) if (id > oldest && !there.has(id)) known.delete(id);
      if (items.length === 0) known.clear();
    }
    const fresh = items.filter(({ id }) => !known.has(id));
    for (const message of items) known.set(message.id, message);
    messages.value = [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return fresh;
  });
  const mark = useRef(async () => {
    const newest = messages.value?.at(-1)?.id;
    if (!newest || newest === marked.current || document.hidden) return;
    marked.current = newest;
    await call("PUT", route("/tickets/{id}/read", { id: ticket }), { body: { message_id: newest } }).catch(() => {
      marked.current = null;
    });
  });
  const refresh = useRef(async () => {
    turn.current += 1;
    const mine = turn.current;
    const held = messages.value;
    const newest = held?.at(-1);
    // What became of mails changes in messages that are there; else only what is newer is asked for.
    const all = !newest || held?.some(isUnderWay) || mayGo(newest, asked.current);
    const query = all ? { order: "desc", limit: PAGE } : { after: newest.id };
    try {
      const page = await get<Reply>(path, { query });
      if (gone.current || mine !== turn.current) return;
      asked.current = Date.now();
      const fresh = take.current(page.items, !!all).sort((a, b) => (a.id < b.id ? -1 : 1));
      if (held === null) {
        cursor.value = page.next_cursor ?? null;
        more.value = cursor.value !== null;
      } else {
        const others = fresh.filter((message) => !isMine(message));
        const first = others[0];
        if (first) {
          firstNew.value = first.id;
          announce(plural(others.length, words.value.conversation.arrived));
        }
      }
      problem.value = null;
      await mark.current();
    } catch (error) {
      if (mine !== turn.current) return;
      problem.value = asProblem(error);
      throw error;
    }
  });
  const older = useRef(async () => {
    if (!cursor.value || loadingOlder.value) return;
    loadingOlder.value = true;
    try {
      const page = await get<Reply>(path, { query: { order: "desc", limit: PAGE, cursor: cursor.value } });
      take.current(page.items);
      cursor.value = page.next_cursor ?? null;
      more.value = cursor.value !== null;
    } catch (error) {
      problem.value = asProblem(error);
    }
    loadingOlder.value = false;
  });

  useEffect(() => {
    gone.current = false;
    const quietly = () => refresh.current().catch(() => undefined);
    void quietly();
    const interval = () => (messages.value?.some(isUnderWay) ? SOON : LATER);
    const stop = scheduler.every(`conversation ${ticket}`, interval, () => refresh.current());
    const seen = () => void mark.current();
    document.addEventListener("visibilitychange", seen);
    return () => {
      gone.current = true;
      stop();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [ticket]);

  // Where the new ones begin, once both the ticket and its messages are there.
  const placed = useRef(false);
  const all = messages.value;
  useEffect(() => {
    if (placed.current || unread === null || !all) return;
    placed.current = true;
    const foreign = all.filter((message) => !isMine(message));
    if (unread > 0) firstNew.value = foreign[Math.max(foreign.length - unread, 0)]?.id ?? null;
  }, [unread, all]);

  const quietly = () => refresh.current().catch(() => undefined);
  const forget = (id: string) => {
    messages.value = (messages.value ?? []).filter((message) => message.id !== id);
    // A call that is under way may have read it still.
    void quietly();
  };
  return { messages, problem, more, loadingOlder, firstNew, older: older.current, refresh: quietly, forget };
}
