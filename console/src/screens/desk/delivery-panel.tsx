/** T3: what became of a message, for everyone who was considered. */
import { useState } from "preact/hooks";
import {
  Badge,
  Button,
  bytes,
  call,
  clockExact,
  Dialog,
  Failure,
  Link,
  Loading,
  MailFrame,
  newKey,
  role,
  route,
  type Schema,
  say,
  useAction,
  useResource,
  words,
} from "../../base";
import { STATES } from "./states";

type Explanation = Schema<"Explanation">;
type Report = Schema<"DeliveryReport">;

export function DeliveryPanel(props: { ticket: string; message: string; onClose: () => void; onAgain: () => void }) {
  const w = words.value.desk.delivery;
  const path = route("/tickets/{id}/messages/{message}/explain", { id: props.ticket, message: props.message });
  const explained = useResource<Explanation>(path, {}, { every: 5000 });
  const all = explained.data.value?.recipients;
  const problem = explained.problem.value;
  const told = all?.filter(({ delivery }) => delivery) ?? [];
  const rest = all?.filter(({ delivery }) => !delivery) ?? [];
  return (
    <Dialog title={w.title} onClose={props.onClose} wide>
      {problem && <Failure problem={problem} onRetry={() => void explained.reload()} small />}
      {!all && !problem && <Loading rows={2} />}
      {all?.length === 0 && <p>{w.nobody}</p>}
      {told.map(
        (person) =>
          person.delivery && (
            <Delivery
              key={person.delivery.id}
              {...props}
              report={person.delivery}
              onAgain={() => {
                void explained.reload();
                props.onAgain();
              }}
            />
          ),
      )}
      {rest.length > 0 && (
        <section>
          <h3>{w.notTold}</h3>
          <ul class="not-told">
            {rest.map((person) => (
              <li key={`${person.to.address}${person.decision.code}`}>
                <strong>{person.to.name || person.to.address}</strong> {person.decision.text}{" "}
                {person.within && w.within}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Dialog>
  );
}

/** The mail as its template makes it now; of this very recipient for administrators, since their reply address is in it. */
function Mail(props: { ticket: string; message: string; delivery: string; template: number }) {
  const w = words.value.desk.delivery;
  const [shown, setShown] = useState<Schema<"Preview"> | null>(null);
  const { busy, problem, act } = useAction();
  const show = async (signal: AbortSignal) => {
    const own = role.value === "admin" && { delivery_id: props.delivery };
    const body = { template_id: props.template, ticket_id: props.ticket, message_id: props.message, ...own };
    setShown((await call<Schema<"Preview">>("POST", "/templates/preview", { body, signal })).body);
  };
  return (
    <>
      {problem && <Failure problem={problem} small />}
      {shown ? (
        <div class="stack whole">
          <strong dir="auto">{shown.subject}</strong>
          <MailFrame title={w.seeMail} html={shown.html} />
        </div>
      ) : (
        <Button kind="quiet" icon="mail" busy={busy} onClick={() => void act(show)}>
          {w.seeMail}
        </Button>
      )}
    </>
  );
}

function Delivery(props: { ticket: string; message: string; report: Report; onAgain: () => void }) {
  const { report } = props;
  const w = words.value.desk.delivery;
  const [asking, setAsking] = useState(false);
  const [key] = useState(newKey);
  const { busy, problem, act } = useAction();
  const again = async () => {
    const parts = { id: props.ticket, message: props.message, delivery: report.id };
    await call("POST", route("/tickets/{id}/messages/{message}/deliveries/{delivery}/resend", parts), {
      key: `${key}.${report.attempts}`,
    });
    setAsking(false);
    say(w.againDone);
    props.onAgain();
  };
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      say(w.copied);
    } catch {
      // Not allowed here: the text stands there to be marked.
    }
  };
  const { tone, icon } = STATES[report.status];
  const attempts = [...new Set(report.timeline.map(({ attempt }) => attempt))].sort((a, b) => a - b);
  return (
    <section class="delivery">
      <div class="row">
        <h3>
          {report.to.name} &lt;{report.to.address}&gt;
        </h3>
        <span class="faint">{w.capacity[report.to.capacity]}</span>
        <Badge tone={tone} icon={icon}>
          {w.states[report.status]}
        </Badge>
      </div>
      <p>{report.reason_text ?? report.status_text}</p>
      {report.detail && (
        <p>
          {w.serverSaid}: <code>{report.detail}</code>{" "}
          <Button kind="quiet" onClick={() => void copy(report.detail ?? "")}>
            {w.copy}
          </Button>
        </p>
      )}
      {role.value === "admin" && /^(bounced|complained)$/.test(report.status) && (
        <Link to="/enderecos-bloqueados">{w.seeBlock}</Link>
      )}
      {problem && <Failure problem={problem} small />}
      {report.send_again &&
        (asking ? (
          <div class="row" role="alert">
            <span>{w.againAsk}</span>
            <Button kind="primary" busy={busy} onClick={() => void act(again)}>
              {w.again}
            </Button>
            <Button onClick={() => setAsking(false)}>{words.value.cancel}</Button>
          </div>
        ) : (
          <Button
            kind="primary"
            busy={busy}
            onClick={() => (/^(unknown|unconfirmed)$/.test(report.status) ? setAsking(true) : void act(again))}
          >
            {w.again}
          </Button>
        ))}
      <details open>
        <summary>{w.timeline}</summary>
        <ol class="timeline">
          {attempts.map((attempt) => (
            <li key={attempt}>
              <strong>{attempt ? w.attempt(attempt) : w.before}</strong>
              <ul>
                {report.timeline
                  .filter((entry) => entry.attempt === attempt)
                  .map((entry) => (
                    <li key={`${entry.at}${entry.step}`}>
                      <time dateTime={entry.at}>{clockExact(entry.at)}</time> {entry.text}
                      {entry.by && ` ${w.by(entry.by)}`}
                      {entry.times > 1 && ` (${w.times(entry.times)})`}
                    </li>
                  ))}
              </ul>
            </li>
          ))}
        </ol>
      </details>
      {report.mail && (
        <>
          <p class="faint">
            {w.mail(report.mail.template, report.mail.template_version, bytes(report.mail.size))} · {w.sha}{" "}
            <code>{report.mail.sha256.slice(0, 16)}…</code>
          </p>
          <Mail ticket={props.ticket} message={props.message} delivery={report.id} template={report.mail.template} />
        </>
      )}
    </section>
  );
}
