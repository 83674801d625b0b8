/** L1: the mails that left this machine; one may answer them, and say what became of them. */
import { useRef, useState } from "preact/hooks";
import type { ScreenProps } from "../../app";
import {
  ago,
  asProblem,
  Button,
  bytes,
  call,
  Empty,
  Failure,
  Link,
  Loading,
  MailFrame,
  Once,
  type Page,
  type Problem,
  Radios,
  Screen,
  say,
  TextArea,
  useAction,
  useResource,
  words,
} from "../../base";
import { eventOf, type Outcome, replyTo } from "./outside";

/** A mail in the list. */
interface Listed {
  number: number;
  ticket_id: string;
  delivery_id: string;
  attempt: number;
  sent_at: string;
  from: string;
  to: string;
  reply_to: string | null;
  subject: string;
}

/** A mail, parsed. */
export interface Mail extends Listed {
  message_id: string | null;
  headers: [string, string][];
  text: string | null;
  html: string | null;
  attachments: string[];
  size: number;
}

export function Outbox({ parts }: ScreenProps) {
  const w = words.value.local;
  const mails = useResource<Page<Listed>>("/local/outbox", { order: "desc", limit: 50 }, { every: 4000 });
  const items = mails.data.value?.items ?? [];
  const chosen = parts["number"] ?? String(items[0]?.number ?? "");
  return (
    <Screen title={w.title}>
      <p class="faint">{w.intro}</p>
      {mails.problem.value && !mails.data.value && (
        <Failure problem={mails.problem.value} onRetry={() => void mails.reload()} />
      )}
      {!mails.data.value && mails.loading.value && <Loading />}
      {mails.data.value && items.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="mail" />}
      {items.length > 0 && (
        <div class="two-panes">
          <ul class="rows" aria-label={w.title}>
            {items.map((mail) => (
              <li key={mail.number}>
                <Link to={`/caixa-de-saida/${mail.number}`} current={String(mail.number) === chosen} class="row">
                  <span class="row-title">{mail.subject}</span>
                  <span class="faint">{w.to(mail.to)}</span>
                  <span class="faint">{ago(mail.sent_at)}</span>
                </Link>
              </li>
            ))}
          </ul>
          {chosen && <Shown key={chosen} number={chosen} />}
        </div>
      )}
    </Screen>
  );
}

type View = "html" | "text" | "headers";

function Shown({ number }: { number: string }) {
  const w = words.value.local;
  const mail = useResource<Mail>(`/local/outbox/${encodeURIComponent(number)}`);
  const [view, setView] = useState<View>("html");
  const found = mail.data.value;
  if (mail.problem.value) return <Failure problem={mail.problem.value} onRetry={() => void mail.reload()} />;
  if (!found) return <Loading />;
  return (
    <article class="card stack mail" aria-label={found.subject}>
      <h2>{found.subject}</h2>
      <dl class="pairs">
        <dt>{w.fromLabel}</dt>
        <dd>{found.from}</dd>
        <dt>{w.toLabel}</dt>
        <dd>{found.to}</dd>
        <dt>{w.sizeLabel}</dt>
        <dd>{bytes(found.size)}</dd>
        {found.attachments.length > 0 && (
          <>
            <dt>{w.files}</dt>
            <dd>{found.attachments.join(", ")}</dd>
          </>
        )}
      </dl>
      <Radios
        legend={w.view}
        hidden
        value={view}
        onChange={setView}
        options={[
          { value: "html", name: "HTML" },
          { value: "text", name: w.text },
          { value: "headers", name: w.headers },
        ]}
      />
      {view === "html" && <MailFrame title={w.frame} html={found.html ?? ""} />}
      {view === "text" && <pre class="source">{found.text}</pre>}
      {view === "headers" && (
        <pre class="source">{found.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</pre>
      )}
      <Answer mail={found} />
      <WhatBecame mail={found} />
    </article>
  );
}

/** Brings the answer of the mail's recipient, as their mail program would. */
function Answer({ mail }: { mail: Mail }) {
  const w = words.value.local;
  const [text, setText] = useState("");
  const once = useRef(new Once());
  const { busy, problem, act } = useAction();
  const send = async () => {
    await call("POST", "/local/inbound", { raw: replyTo(mail, text, once.current.key(text)) });
    once.current.over();
    setText("");
    say(w.answered);
  };
  return (
    <section class="stack">
      <h3>{w.answerAs(mail.to)}</h3>
      <TextArea label={w.answer} hidden rows={3} value={text} readOnly={busy} onInput={setText} />
      {problem && <Failure problem={problem} small />}
      <div>
        <Button kind="primary" busy={busy} disabled={text.trim() === ""} onClick={() => void act(send)}>
          {w.sendAnswer}
        </Button>
      </div>
    </section>
  );
}

/** Tells what the recipient's server did, as SES would. */
function WhatBecame({ mail }: { mail: Mail }) {
  const w = words.value.local;
  const [problem, setProblem] = useState<Problem | null>(null);
  // Told again after an answer that was lost, it is the same event.
  const events = useRef<Partial<Record<Outcome, unknown>>>({});
  const [telling, setTelling] = useState<Outcome | null>(null);
  const tell = async (outcome: Outcome) => {
    setTelling(outcome);
    events.current[outcome] ??= eventOf(mail, outcome);
    setProblem(null);
    try {
      await call("POST", "/local/ses-events", { body: events.current[outcome] });
      say(w.told);
    } catch (error) {
      setProblem(asProblem(error));
    }
    setTelling(null);
  };
  const button = (outcome: Outcome, name: string) => (
    <Button busy={telling === outcome} onClick={() => void tell(outcome)}>
      {name}
    </Button>
  );
  return (
    <section class="stack">
      <h3>{w.simulate}</h3>
      {problem && <Failure problem={problem} small />}
      <div class="buttons">
        {button("bounce", w.bounced)}
        {button("complaint", w.complained)}
        {button("delivery", w.delivered)}
      </div>
    </section>
  );
}
