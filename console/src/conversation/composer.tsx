/** Where a message is written: what is typed is kept until the server has it. */
import { type Signal, useSignal } from "@preact/signals";
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
  minute,
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
import { type Draft, DraftPlace, type Extras, isEmpty, type Kept, type NewMessage, sameDraft } from "./drafts";
import type { Feed } from "./feed";
import { isMine } from "./feed";
import { Attach, FileList } from "./file-list";
import { Files, filesOf, type Taken } from "./files";
import { type Field, RichField, type Written } from "./rich";
import { bodyFor, type Content, lostFiles, NOTHING_SEEN, outcomeOf } from "./sending";
import { Undo, type Undoable } from "./undo";

/** What is sent beside text and files. */
export type More = Omit<Content, "text" | "html" | "attachments">;

/** A draft is kept so many milliseconds after the last key. */
const KEEP_AFTER = 300;

interface Props {
  ticket: string;
  feed: Feed;
  /** Name of the text area. */
  label: string;
  /** What the button does, in words. */
  action: string;
  /** What is sent beside the text, or what is wrong with it. */
  more?: () => { more: More } | { error: string };
  /** What stands beside the text, kept with the draft. */
  extras?: Signal<Extras>;
  /** Of `extras`, after a message is stored. */
  onSent?: () => void;
  /** Before the text. */
  above?: ComponentChildren;
  /** Between text and button. */
  below?: ComponentChildren;
  /** Beside the buttons of the field; `insert` puts a text at the caret, unless the field is locked. */
  tools?: (insert: (written: Written) => void, locked: boolean) => ComponentChildren;
  /** Before the button that sends. `body` is what would be sent now. */
  before?: (body: () => NewMessage) => ComponentChildren;
  class?: string;
  hotkeys?: Record<string, () => void>;
}

/** What was sent, for as long as it may be taken back. */
interface Sent extends Undoable {
  draft: Kept;
  files: Taken;
}

/** The composer. */
export function Composer(props: Props) {
  const { ticket, feed } = props;
  const w = words.value.composer;
  const id = useId();
  const place = useRef<DraftPlace | undefined>(undefined);
  place.current ??= new DraftPlace(ticket);
  const drafts = place.current;
  const first = useRef<Draft | null | undefined>(undefined);
  if (first.current === undefined) first.current = drafts.read();
  const begun = first.current;
  const written = useSignal<Written>({ text: begun?.text ?? "", html: begun?.html });
  const revision = useSignal(0);
  const state = useSignal<"idle" | "sending" | "undoing">("idle");
  const draftState = useSignal<"none" | "kept" | "lost" | "back">(begun ? "back" : "none");
  const problem = useSignal<Problem | null>(null);
  const error = useSignal<string | null>(null);
  const asking = useSignal<"newer" | "stored" | null>(null);
  const dragging = useSignal(false);
  const sent = useSignal<Sent | null>(null);
  /** When the server said to try again, in milliseconds. */
  const again = useSignal(0);
  /** The newest message when typing began: what came later is said before sending. */
  const since = useSignal<string | null>(null);
  const field = useRef<Field | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  const gone = useRef(false);
  /** The last message that was sent from here. */
  const own = useRef<string | null>(null);
  const shown = useRef((): Kept => ({ ...written.value, files: files.kept(), extras: latest.current.extras?.value }));
  /** What is shown and kept alike: only what was changed here since then is kept, or another tab's text would go. */
  const settled = useRef<Kept>({ ...written.value, files: begun?.files, extras: props.extras?.value });
  const keep = useRef((always = false) => {
    clearTimeout(timer.current);
    const draft = shown.current();
    if (!always && sameDraft(draft, settled.current)) return;
    settled.current = draft;
    const stays = drafts.keep(draft);
    draftState.value = isEmpty(draft) ? "none" : stays ? "kept" : "lost";
  });
  const soon = useRef(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => keep.current(), KEEP_AFTER);
  });
  const held = useRef<Files | undefined>(undefined);
  held.current ??= new Files(
    ticket,
    () => me.value?.limits ?? null,
    () => gone.current || keep.current(),
  );
  const files = held.current;
  /** Shows a draft that comes from elsewhere. */
  const show = useRef((draft: Kept | null) => {
    written.value = { text: draft?.text ?? "", html: draft?.html };
    revision.value += 1;
    if (latest.current.extras && draft?.extras) latest.current.extras.value = draft.extras;
  });

  const newest = feed.messages.value?.at(-1)?.id ?? null;
  const empty = written.value.text.trim() === "";
  useEffect(() => {
    if (empty) since.value = null;
    else if (since.value === null) since.value = newest ?? "";
  }, [empty, newest]);
  const began = since.value;
  const meanwhile =
    began === null ? [] : (feed.messages.value ?? []).filter((message) => message.id > began && !isMine(message));
  const late = meanwhile.at(-1);

  const change = (next: Written) => {
    written.value = next;
    error.value = null;
    soon.current();
  };
  useEffect(() => {
    if (begun?.files) files.load(begun.files);
    const leave = () => keep.current();
    addEventListener("pagehide", leave);
    const stop = drafts.follow((draft) => {
      const here = shown.current();
      // What was typed here and is not kept yet is the newer one.
      if (sameDraft(draft, here) || !sameDraft(here, settled.current)) return;
      show.current(draft);
      files.load(draft?.files ?? []);
      if (!draft) latest.current.onSent?.();
      settled.current = shown.current();
      draftState.value = draft ? "back" : "none";
      if (!draft) void feed.refresh();
    });
    return () => {
      gone.current = true;
      removeEventListener("pagehide", leave);
      keep.current();
      files.stop();
      stop();
    };
  }, [ticket]);
  const extras = props.extras?.value;
  useEffect(() => {
    if (!isEmpty({ ...written.value, files: files.kept() })) soon.current();
  }, [extras]);
  useDropping(dragging, (data) => files.add(filesOf(data)));

  const limits = me.value?.limits;
  const content = (): { content: Content } | { error: string } => {
    const { text, html } = written.value;
    if (text.trim() === "") return { error: w.empty };
    if (limits && [...(html ?? text)].length > limits.message_chars)
      return { error: w.tooLong(number(limits.message_chars)) };
    const ids = files.ids();
    if (ids === null) return { error: words.value.files.wait };
    const more = props.more?.() ?? { more: {} };
    if ("error" in more) return more;
    return { content: { ...(html ? { html } : { text }), ...more.more, ...(ids.length && { attachments: ids }) } };
  };
  const send = async (how: { anyway?: boolean; asNew?: boolean } = {}) => {
    if (state.value !== "idle" || again.value > Date.now()) return;
    problem.value = null;
    const what = content();
    error.value = "error" in what ? what.error : null;
    if ("error" in what) {
      field.current?.focus();
      return;
    }
    if (!how.anyway && late) {
      asking.value = "newer";
      return;
    }
    asking.value = null;
    state.value = "sending";
    keep.current(true);
    const draft = shown.current();
    if (how.asNew) drafts.keep({ ...(drafts.read() as Draft), key: undefined, tried: undefined });
    // Who wrote it has seen it, also before the page has read it.
    const known = [newest, own.current].filter((id) => id !== null).sort();
    const seen = known.at(-1) ?? (feed.messages.value ? NOTHING_SEEN : null);
    const body = bodyFor(what.content, seen, drafts.read()?.tried);
    const key = drafts.key();
    drafts.tried(body);
    try {
      const path = route("/tickets/{id}/messages", { id: ticket });
      stored((await call<Schema<"Posted">>("POST", path, { body, key })).body, draft, body.attachments ?? []);
    } catch (failed) {
      await refused(asProblem(failed));
    }
    state.value = "idle";
  };
  const stored = (posted: Schema<"Posted">, draft: Kept, ids: string[]) => {
    own.current = posted.id;
    // Shown again meanwhile and typed on, it stays: before that becomes another message its author is asked.
    const now = gone.current ? drafts.read() : { ...draft, html: undefined, ...written.value };
    const untouched = sameDraft(now, draft);
    if (gone.current) {
      if (untouched) drafts.forget();
      say(w.sentToast);
      return;
    }
    const until = Date.parse(posted.undo_until ?? "");
    const taken = files.take(ids);
    if (until > Date.now()) sent.value = { message: posted.id, until, draft, files: taken };
    if (untouched) {
      drafts.forget();
      written.value = { text: "" };
      revision.value += 1;
      since.value = null;
      props.onSent?.();
    }
    // Files that were chosen meanwhile are of the next message.
    keep.current(true);
    if (!sent.value) say(w.sentToast);
    void feed.refresh();
  };
  const refused = async (failed: Problem) => {
    const outcome = outcomeOf(failed);
    if (outcome !== "unsure") drafts.tried(null);
    if (gone.current) {
      say(w.leftUnsent(ticket));
      return;
    }
    if (failed.retryAfter !== null) again.value = Date.now() + failed.retryAfter * 1000;
    if (outcome === "newer") {
      await feed.refresh();
      asking.value = "newer";
      return;
    }
    if (outcome === "stored-before") {
      await feed.refresh();
      asking.value = "stored";
      return;
    }
    if (outcome === "files") {
      files.lost(lostFiles(failed));
      error.value = w.filesAgain;
      return;
    }
    problem.value = failed;
  };
  const undo = (message: Sent) => () => {
    state.value = "undoing";
    const { text, html, extras } = message.draft;
    const typed = written.value;
    // What was typed since then stays, after the message.
    const both = typed.text.trim()
      ? { text: `${text}\n\n${typed.text}`, html: joined({ text, html }, typed) }
      : { text, html };
    show.current({ ...both, extras });
    keep.current();
    return () => {
      state.value = "idle";
      const now = gone.current ? drafts.read() : written.value;
      if (now?.text !== both.text) return;
      show.current(typed);
      keep.current();
    };
  };
  const undone = (message: Sent, done: boolean) => {
    sent.value = null;
    state.value = "idle";
    if (!done) return;
    feed.forget(message.message);
    files.restore(message.files);
    draftState.value = "back";
    say(w.undone);
    field.current?.focus();
  };
  useHotkeys({ r: () => field.current?.focus(), ...props.hotkeys });

  const see = () => {
    const shown = asking.value === "stored" ? feed.messages.value?.filter(isMine).at(-1) : late;
    asking.value = null;
    since.value = newest;
    document.getElementById(`m-${shown?.id}`)?.scrollIntoView({ block: "center" });
  };
  const wait = Math.max(Math.ceil((again.value - Math.max(minute.value, Date.now())) / 1000), 0);
  useEffect(() => {
    if (wait === 0) return;
    const timer = setTimeout(() => (minute.value = Date.now()), 1000);
    return () => clearTimeout(timer);
  }, [wait, minute.value]);
  const locked = state.value === "sending";
  // No form: Enter in one of its fields, or of a dialog that is opened here, must not send what is half written.
  return (
    <div class={`composer ${props.class ?? ""} ${dragging.value ? "dragging" : ""}`}>
      {late && (
        <Notice tone="amber" icon="mail" role="status">
          {meanwhile.length === 1
            ? w.wroteMeanwhile(late.author.name, ago(late.created_at))
            : plural(meanwhile.length, w.someWroteMeanwhile)}{" "}
          <button type="button" class="link-button" onClick={see}>
            {w.see}
          </button>
        </Notice>
      )}
      {sent.value && (
        <Undo
          key={sent.value.message}
          ticket={ticket}
          undoable={sent.value}
          onUndo={undo(sent.value)}
          onDone={(done) => sent.value && undone(sent.value, done)}
        />
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
      <RichField
        written={written.value}
        revision={revision.value}
        locked={locked}
        onChange={change}
        onSend={() => void send()}
        onFiles={(data) => {
          const pasted = me.value?.can.attach ? filesOf(data) : [];
          if (pasted.length > 0) files.add(pasted);
          return pasted.length > 0;
        }}
        field={field}
        ids={{ id, labelledby: `${id}l`, describedby: error.value ? `${id}e` : undefined, invalid: !!error.value }}
        tools={props.tools?.((text) => field.current?.insert(text), locked)}
      />
      {error.value && (
        <p class="error" id={`${id}e`} role="alert">
          {error.value}
        </p>
      )}
      <FileList files={files} />
      {dragging.value && <p class="drop-here">{words.value.files.drop}</p>}
      {problem.value && <Failure problem={problem.value} small />}
      {problem.value?.passing && <p class="faint">{w.repeatSafe}</p>}
      <div class="stack" inert={locked}>
        {props.below}
      </div>
      {me.value?.can.attach && (
        <div class="row">
          <Attach files={files} />
        </div>
      )}
      <div class="row composer-end">
        {wait > 0 ? <span class="faint">{w.retryIn(number(wait))}</span> : <span class="faint keys">{w.sendKeys}</span>}
        {props.before?.(() => {
          const what = content();
          return "content" in what ? what.content : {};
        })}
        <Button kind="primary" busy={state.value !== "idle"} disabled={wait > 0} onClick={() => void send()}>
          {props.action}
        </Button>
      </div>
      {asking.value === "newer" && (
        <Dialog
          title={late ? w.wroteMeanwhile(late.author.name, ago(late.created_at)) : w.newer}
          onClose={() => {
            asking.value = null;
          }}
          actions={
            <>
              <Button onClick={see}>{w.seeFirst}</Button>
              <Button kind="primary" onClick={() => void send({ anyway: true })}>
                {w.sendAnyway}
              </Button>
            </>
          }
        >
          {late && (
            <blockquote class="text" dir="auto">
              {late.text.slice(0, 500)}
            </blockquote>
          )}
        </Dialog>
      )}
      {asking.value === "stored" && (
        <Dialog
          title={w.storedBeforeTitle}
          onClose={() => {
            asking.value = null;
          }}
          actions={
            <>
              <Button onClick={see}>{w.seeFirst}</Button>
              <Button kind="primary" onClick={() => void send({ anyway: true, asNew: true })}>
                {w.sendAsNew}
              </Button>
            </>
          }
        >
          <p>{w.storedBeforeDetail}</p>
        </Dialog>
      )}
    </div>
  );
}

/** Two texts, one after the other, as HTML where one of them is. */
function joined(before: Written, after: Written): string | undefined {
  if (!before.html && !after.html) return undefined;
  const html = ({ text, html }: Written) => {
    if (html) return html;
    const box = document.createElement("p");
    box.textContent = text;
    return box.outerHTML.replace(/\n/g, "<br>");
  };
  return html(before) + html(after);
}

/** Files may be dropped anywhere on the page: beside the composer they would replace the page. */
function useDropping(dragging: Signal<boolean>, take: (data: DataTransfer | null) => void): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const hasFiles = (event: DragEvent) =>
      !!me.value?.can.attach &&
      !!event.dataTransfer?.types.includes("Files") &&
      !document.querySelector("dialog[open]");
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      dragging.value = true;
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) dragging.value = false;
    };
    const drop = (event: DragEvent) => {
      dragging.value = false;
      if (!hasFiles(event)) return;
      event.preventDefault();
      latest.current(event.dataTransfer);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
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
