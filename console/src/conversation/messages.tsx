/** The messages of a conversation, oldest at the top. */
import { type ComponentChildren, Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import {
  Badge,
  Button,
  bytes,
  clock,
  Empty,
  Failure,
  get,
  Icon,
  Loading,
  longDay,
  Notice,
  place,
  plural,
  route,
  type Schema,
  Time,
  useAction,
  words,
} from "../base";
import { type Feed, isMine, type Listed } from "./feed";
import { SafeHtml } from "./safe-html";

/** So many of the newest are open; those before are folded to one line. */
const OPEN = 20;
/** A longer text is folded. */
const LONG = 4000;

/** The conversation. `under` is what stands under a message, at the desk. */
export function Messages(props: { feed: Feed; desk?: boolean; under?: (message: Listed) => ComponentChildren }) {
  const { feed } = props;
  const w = words.value.conversation;
  const [all, setAll] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  const messages = feed.messages.value;
  const anchor = place.value.hash.startsWith("m-") ? place.value.hash : null;
  const there = messages !== null;
  useEffect(() => {
    if (!there) return;
    const target = anchor ? document.getElementById(anchor) : null;
    (target ?? end.current)?.scrollIntoView({ block: target ? "center" : "end" });
  }, [there]);
  if (!messages) {
    return feed.problem.value ? (
      <Failure problem={feed.problem.value} onRetry={() => void feed.refresh()} />
    ) : (
      <Loading rows={3} />
    );
  }
  if (messages.length === 0) return <Empty title={w.empty} detail={w.emptyDetail} icon="mail" />;
  const open = all || anchor ? messages : messages.slice(-OPEN);
  const hidden = messages.length - open.length;
  const firstNew = feed.firstNew.value;
  const at = messages.findIndex(({ id }) => id === firstNew);
  const fresh = at < 0 ? 0 : messages.slice(at).filter((message) => !isMine(message)).length;
  return (
    <>
      {feed.problem.value && (
        <Notice tone="amber" role="status">
          {feed.problem.value.title || feed.problem.value.message}
        </Notice>
      )}
      {hidden > 0 && (
        <button type="button" class="link-button earlier" onClick={() => setAll(true)}>
          {plural(hidden, w.earlier)}
        </button>
      )}
      {hidden === 0 && feed.more.value && (
        <Button kind="quiet" busy={feed.loadingOlder.value} onClick={() => void feed.older()}>
          {w.loadEarlier}
        </Button>
      )}
      <ol class="messages" aria-label={w.messages}>
        {open.map((message) => (
          <Fragment key={message.id}>
            {message.id === firstNew && fresh > 0 && <li class="new-line">{plural(fresh, w.newLine)}</li>}
            <Message message={message} desk={props.desk ?? false}>
              {props.under?.(message)}
            </Message>
          </Fragment>
        ))}
      </ol>
      <div ref={end} />
    </>
  );
}

function wayOf(message: Listed): string {
  const w = words.value.conversation;
  switch (message.source) {
    case "email":
      return w.byMail;
    case "api":
      return w.byApi;
    case "event":
      return w.byEvent;
    default:
      return "";
  }
}

function Message(props: { message: Listed; desk: boolean; children: ComponentChildren }) {
  const { message, desk } = props;
  const w = words.value.conversation;
  const [whole, setWhole] = useState(false);
  const internal = message.visibility === "internal";
  const mine = isMine(message);
  const system = message.source === "system";
  const who = mine && !desk ? w.you : message.author.name || message.author.email || w.system;
  const when = `${longDay(message.created_at)}, ${clock(message.created_at)}`;
  const side = system ? w.system : w.sides[message.author.role];
  const folded = !whole && message.text.length > LONG;
  return (
    <li
      id={`m-${message.id}`}
      class={`message ${internal ? "internal" : ""} ${mine ? "mine" : ""} ${message.author.role}`}
    >
      <article aria-labelledby={`h-${message.id}`}>
        <header>
          <h3 id={`h-${message.id}`}>
            <span class="hidden">{w.heading(who, when, internal ? w.internal : "")}</span>
            <span aria-hidden="true">{who}</span>
          </h3>
          {internal && (
            <span class="note-mark">
              <Icon name="lock" /> {w.internalMark} · {w.internalSeen}
            </span>
          )}
          <span class="faint meta">
            {!(mine && !desk) && <span>{side}</span>}
            {mine && !desk && message.source === "portal" && <span>{w.sent}</span>}
            {wayOf(message) && <span>{wayOf(message)}</span>}
            {message.time_spent && <span>{message.time_spent.hours}</span>}
            {message.category && <span>{message.category}</span>}
            <Time at={message.created_at} />
          </span>
        </header>
        <div class={folded ? "body folded" : "body"} dir="auto">
          {message.html ? (
            <SafeHtml html={message.html} />
          ) : (
            <p class="text">{folded ? message.text.slice(0, LONG) : message.text}</p>
          )}
        </div>
        {folded && (
          <button type="button" class="link-button" onClick={() => setWhole(true)}>
            {w.long}
          </button>
        )}
        {message.full_text && message.full_text.trim() !== message.text.trim() && (
          <details class="quoted">
            <summary>{w.quoted}</summary>
            <p class="text" dir="auto">
              {message.full_text}
            </p>
          </details>
        )}
        <Files message={message} />
        {props.children}
      </article>
    </li>
  );
}

function Files({ message }: { message: Listed }) {
  const files = message.attachments ?? [];
  if (files.length === 0) return null;
  return (
    <ul class="files">
      {files.map((file, index) => (
        <li key={file.id || file.name}>
          <FileRow message={message} file={file} number={index} />
        </li>
      ))}
    </ul>
  );
}

function FileRow({ message, file, number }: { message: Listed; file: Schema<"File">; number: number }) {
  const w = words.value.files;
  const { busy, problem, act } = useAction();
  const open = async () => {
    const path = route("/tickets/{id}/messages/{message}/attachments/{number}", {
      id: message.ticket_id,
      message: message.id,
      number,
    });
    download((await get<Schema<"FileLink">>(path)).url);
  };
  return (
    <>
      <Icon name="file" />
      <bdi class="file-name">{file.name}</bdi>
      <span class="faint">{bytes(file.size)}</span>
      {file.not_scanned && !file.refused && <span class="faint">{w.notScanned}</span>}
      {file.withheld && !file.refused && <span class="faint">{w.withheld}</span>}
      {file.refused ? (
        <Badge tone="amber">{w.refusedInMail[file.refused]}</Badge>
      ) : (
        <Button kind="quiet" icon="download" label={w.download(file.name)} busy={busy} onClick={() => void act(open)} />
      )}
      {problem && <Failure problem={problem} small />}
    </>
  );
}

/** Takes a file: the server serves every one as a download, so the page stays. */
export function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noopener noreferrer";
  link.download = "";
  link.click();
}
