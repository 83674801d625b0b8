/** Where a message is written: what is typed is kept until the server has it. */
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import {
  ago,
  asProblem,
  Button,
  call,
  Dialog,
  Failure,
  Icon,
  me,
  Notice,
  number,
  type Problem,
  plural,
  route,
  type Schema,
  say,
  useHotkeys,
  words,
} from "../base";
import { type Draft, draftOf, followDraft, keepDraft, keyFor } from "./drafts";
import type { Feed } from "./feed";
import { isMine } from "./feed";

/** What is sent beside the text. */
export type More = Omit<Schema<"NewMessage">, "text" | "html">;

/** A draft is kept so many milliseconds after the last key. */
const KEEP_AFTER = 300;

/** The writing itself: a plain text area, or an editor in its place. */
export interface Writing {
  text: string;
  html?: string | undefined;
}

interface Props {
  ticket: string;
  feed: Feed;
  /** Name of the text area. */
  label: string;
  /** What the button does, in words. */
  action: string;
  /** What is sent beside the text, or what is wrong with it. */
  more?: () => { more: More } | { error: string };
  /** Before the text. */
  above?: ComponentChildren;
  /** Between text and button. */
  below?: ComponentChildren;
  class?: string;
  /** Another way to write than the text area. */
  editor?: (
    writing: Writing,
    change: (next: Writing) => void,
    ids: { labelledby: string; onSend: () => void },
  ) => ComponentChildren | null;
  onSent?: () => void;
  hotkeys?: Record<string, () => void>;
}

/** The composer. */
export function Composer(props: Props) {
  const { ticket, feed } = props;
  const w = words.value.composer;
  const id = useId();
  const kept = useRef(draftOf(ticket));
  const writing = useSignal<Writing>({ text: kept.current?.text ?? "", html: kept.current?.html });
  const state = useSignal<"idle" | "sending">("idle");
  const draftState = useSignal<"none" | "kept" | "lost" | "back">(kept.current ? "back" : "none");
  const problem = useSignal<Problem | null>(null);
  const error = useSignal<string | null>(null);
  const asking = useSignal(false);
  /** The newest message when typing began: what came later is said before sending. */
  const since = useSignal<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const newest = feed.messages.value?.at(-1)?.id ?? null;
  const empty = writing.value.text.trim() === "";
  useEffect(() => {
    if (empty) since.value = null;
    else if (since.value === null) since.value = newest ?? "";
  }, [empty, newest]);
  const meanwhile = useComputed(() => {
    const began = since.value;
    if (began === null) return [];
    return (feed.messages.value ?? []).filter((message) => message.id > began && !isMine(message));
  });

  const keep = useRef(() => {
    clearTimeout(timer.current);
    const before = draftOf(ticket);
    const draft: Draft = { ...before, ...writing.value, at: Date.now() };
    const stays = keepDraft(ticket, writing.value.text.trim() ? draft : null);
    draftState.value = !writing.value.text.trim() ? "none" : stays ? "kept" : "lost";
  });
  const change = (next: Writing) => {
    writing.value = next;
    error.value = null;
    clearTimeout(timer.current);
    timer.current = setTimeout(keep.current, KEEP_AFTER);
  };
  useEffect(() => {
    const leave = () => keep.current();
    addEventListener("pagehide", leave);
    const stop = followDraft(ticket, (draft) => {
      writing.value = { text: draft?.text ?? "", html: draft?.html };
      draftState.value = draft ? "back" : "none";
    });
    return () => {
      removeEventListener("pagehide", leave);
      keep.current();
      stop();
    };
  }, [ticket]);

  const limits = me.value?.limits;
  const send = async (anyway = false) => {
    if (state.value === "sending") return;
    problem.value = null;
    const { text, html } = writing.value;
    const more = props.more?.() ?? { more: {} };
    error.value =
      text.trim() === ""
        ? w.empty
        : limits && [...text].length > limits.message_chars
          ? w.tooLong(number(limits.message_chars))
          : "error" in more
            ? more.error
            : null;
    if (error.value !== null || "error" in more) {
      area.current?.focus();
      return;
    }
    if (!anyway && meanwhile.value.length > 0) {
      asking.value = true;
      return;
    }
    asking.value = false;
    state.value = "sending";
    keep.current();
    const body = { ...(html ? { html } : { text }), ...more.more };
    try {
      await call<Schema<"Posted">>("POST", route("/tickets/{id}/messages", { id: ticket }), {
        body,
        key: keyFor(ticket, body),
      });
      writing.value = { text: "" };
      keepDraft(ticket, null);
      draftState.value = "none";
      since.value = null;
      say(w.sentToast);
      props.onSent?.();
      await feed.refresh();
    } catch (failed) {
      problem.value = asProblem(failed);
    }
    state.value = "idle";
  };
  useHotkeys({
    r: () => (area.current ?? document.querySelector<HTMLElement>(".composer [contenteditable]"))?.focus(),
    ...props.hotkeys,
  });

  const late = meanwhile.value.at(-1);
  const see = () => {
    asking.value = false;
    since.value = newest;
    document.getElementById(`m-${late?.id}`)?.scrollIntoView({ block: "center" });
  };
  const editor = props.editor?.(writing.value, change, { labelledby: `${id}l`, onSend: () => void send() }) ?? null;
  return (
    <form
      class={`composer ${props.class ?? ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {late && (
        <Notice tone="amber" icon="mail" role="status">
          {meanwhile.value.length === 1
            ? w.wroteMeanwhile(late.author.name, ago(late.created_at))
            : plural(meanwhile.value.length, w.someWroteMeanwhile)}{" "}
          <button type="button" class="link-button" onClick={see}>
            {w.see}
          </button>
        </Notice>
      )}
      {props.above}
      <div class="composer-label">
        <label id={`${id}l`} for={id}>
          {props.label}
        </label>
        <span class="faint" aria-live="off">
          {draftState.value === "kept" && w.draftKept}
          {draftState.value === "back" && w.draftBack}
          {draftState.value === "lost" && w.draftLost}
        </span>
      </div>
      {editor ?? (
        <textarea
          id={id}
          ref={area}
          rows={4}
          dir="auto"
          value={writing.value.text}
          aria-invalid={error.value ? true : undefined}
          aria-describedby={error.value ? `${id}e` : undefined}
          onInput={(event) => change({ text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            void send();
          }}
        />
      )}
      {error.value && (
        <p class="error" id={`${id}e`} role="alert">
          {error.value}
        </p>
      )}
      {problem.value && <Failure problem={problem.value} small />}
      {problem.value?.passing && <p class="faint">{w.repeatSafe}</p>}
      {props.below}
      <div class="row composer-end">
        <span class="faint keys">{w.sendKeys}</span>
        <Button type="submit" kind="primary" busy={state.value === "sending"}>
          {props.action}
        </Button>
      </div>
      {asking.value && late && (
        <Dialog
          title={w.wroteMeanwhile(late.author.name, ago(late.created_at))}
          onClose={() => {
            asking.value = false;
          }}
          actions={
            <>
              <Button onClick={see}>{w.seeFirst}</Button>
              <Button kind="primary" onClick={() => void send(true)}>
                {w.sendAnyway}
              </Button>
            </>
          }
        >
          <blockquote class="text" dir="auto">
            {late.text.slice(0, 500)}
          </blockquote>
        </Dialog>
      )}
    </form>
  );
}

/** Why nothing can be written here, and what still works. */
export function CannotWrite() {
  const w = words.value.composer;
  const person = me.value;
  return (
    <div class="composer closed">
      <p>
        <Icon name="lock" /> <strong>{w.closedTitle}</strong>
      </p>
      <p>{person?.can.write_reason_text ?? w.cannotReadOnly}</p>
      {person?.replies_by_mail && person.roles.includes("requester") && <p>{w.replyByMail}</p>}
    </div>
  );
}
