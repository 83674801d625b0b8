/** Q1: mails that were not let in, and what may be done with each. */
import { useState } from "preact/hooks";
import {
  ago,
  asProblem,
  Badge,
  Button,
  bytes,
  call,
  Dialog,
  Empty,
  Failure,
  get,
  Icon,
  Input,
  Link,
  Loading,
  list,
  More,
  place,
  route,
  type Schema,
  Screen,
  say,
  Time,
  useAction,
  usePages,
  useResource,
  words,
} from "../../base";
import { download } from "../../conversation/messages";

type Listed = Schema<"Listed">;
type Details = Schema<"MailDetails"> & Listed;
const TABS = ["quarantined", "ignored", "accepted", "dismissed"] as const;

export function Quarantine() {
  const w = words.value.desk.quarantine;
  const { query } = place.value;
  const status = TABS.find((tab) => tab === query.get("estado")) ?? "quarantined";
  const chosen = query.get("mensagem");
  const list = usePages<Listed>("/quarantine", { status, limit: 50 }, { every: 60_000 });
  const items = list.rows.value;
  return (
    <Screen title={w.title}>
      <nav class="tabs" aria-label={w.title}>
        {TABS.map((tab) => (
          <Link key={tab} to={`/quarentena?estado=${tab}`} current={tab === status}>
            {w.tabs[tab]}
          </Link>
        ))}
      </nav>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && !list.problem.value && <Loading />}
      {items?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} />}
      {items && items.length > 0 && (
        <div class="quarantine">
          <div class="stack">
            <ul class="card mail-list">
              {items.map((mail) => (
                <li key={mail.id}>
                  <Link
                    to={`/quarentena?estado=${status}&mensagem=${encodeURIComponent(mail.id)}`}
                    class="mail-link"
                    current={mail.id === chosen}
                  >
                    <strong dir="auto">{mail.from?.name || mail.from?.email || w.nobody}</strong>
                    <span dir="auto">{mail.subject}</span>
                  </Link>
                  <p class="faint">
                    <Time at={mail.received_at} relative /> {mail.reason_text}
                  </p>
                </li>
              ))}
            </ul>
            <More list={list} />
          </div>
          {chosen ? (
            <Mail key={chosen} id={chosen} onDone={() => void list.reload()} />
          ) : (
            <p class="faint">{w.choose}</p>
          )}
        </div>
      )}
    </Screen>
  );
}

function Mail({ id, onDone }: { id: string; onDone: () => void }) {
  const w = words.value.desk.quarantine;
  const found = useResource<Details>(route("/quarantine/{id}", { id }));
  const mail = found.data.value;
  const [ticket, setTicket] = useState<string | null>(null);
  const [dismissing, setDismissing] = useState(false);
  const [reason, setReason] = useState("");
  const { busy, problem, setProblem, act } = useAction();
  if (!mail)
    return found.problem.value ? (
      <Failure problem={found.problem.value} onRetry={() => void found.reload()} />
    ) : (
      <Loading />
    );
  const decide = (what: () => Promise<unknown>, done: string) =>
    act(
      async () => {
        await what();
        say(done);
        setDismissing(false);
        await found.reload();
        onDone();
      },
      async (told) => {
        // Somebody decided already, or this very press did and its answer was lost: what became of it is shown.
        if (told.status === 409) await found.reload();
        return told;
      },
    );
  const into = ticket ?? mail.ticket_id ?? "";
  const files = mail.files ?? [];
  const told = into === mail.ticket_id ? mail.would_tell?.recipients : undefined;
  const decided = mail.dismissed_at
    ? w.by(mail.dismissed_by_name || mail.dismissed_by || "", ago(mail.dismissed_at))
    : mail.accepted_at && w.by(mail.accepted_by_name || mail.accepted_by || "", ago(mail.accepted_at));
  /** Takes a file or the whole mail, under a link that ends soon. */
  const take = (path: string) =>
    void get<Schema<"MailLink">>(path).then(
      ({ url }) => download(url),
      (error) => setProblem(asProblem(error)),
    );
  const open = mail.status === "quarantined" || mail.status === "ignored";
  const verdicts = Object.entries(mail.verdicts ?? {}) as [string, Schema<"Verdict">][];
  return (
    <section class="card stack" aria-label={mail.subject ?? id}>
      <h2 dir="auto">{mail.subject}</h2>
      <dl class="pairs">
        <dt>{w.from}</dt>
        <dd dir="auto">{mail.from ? `${mail.from.name} <${mail.from.email}>` : w.nobody}</dd>
        <dt>{w.ticket}</dt>
        <dd>{mail.ticket_id ?? w.noTicket}</dd>
        <dt>{w.received}</dt>
        <dd>
          <Time at={mail.received_at} />
        </dd>
        {decided && (
          <>
            <dt>{w.tabs[mail.status]}</dt>
            <dd dir="auto">
              {decided}
              {mail.dismissed_because && `: ${mail.dismissed_because}`}
            </dd>
          </>
        )}
        {verdicts.length > 0 && (
          <>
            <dt>{w.verdicts}</dt>
            <dd class="row">
              {verdicts.map(([name, verdict]) => (
                <Badge
                  key={name}
                  tone={verdict === "pass" ? "green" : verdict === "fail" ? "red" : "grey"}
                  icon={verdict === "pass" ? "check" : verdict === "fail" ? "cross" : "question"}
                >
                  {name === "virus" ? w.virus : name === "spam" ? w.spam : name.toUpperCase()} {w.outcomes[verdict]}
                </Badge>
              ))}
            </dd>
          </>
        )}
      </dl>
      {mail.reason_text && <p>{mail.reason_text}</p>}
      <p class="text mail-text" dir="auto">
        {mail.full_text ?? mail.text}
      </p>
      {files.length > 0 && (
        <ul class="files" aria-label={w.files}>
          {files.map((file, number) => (
            // The place of a file in its mail is what it is known by.
            <li key={number}>
              <Icon name="file" />
              <bdi class="file-name">{file.name}</bdi>
              <span class="faint">{bytes(file.size)}</span>
              {mail.verdicts?.virus !== "fail" && (
                <Button
                  kind="quiet"
                  icon="download"
                  label={words.value.files.download(file.name)}
                  onClick={() => take(route("/quarantine/{id}/files/{number}", { id, number }))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {problem && <Failure problem={problem} small />}
      {mail.message_id && mail.ticket_id && (
        <Link to={`/chamados/${encodeURIComponent(mail.ticket_id)}#m-${mail.message_id}`}>{w.openTicket}</Link>
      )}
      {mail.verdicts?.virus !== "fail" && (
        <div>
          <Button kind="quiet" icon="download" onClick={() => take(route("/quarantine/{id}/original", { id }))}>
            {w.original}
          </Button>
        </div>
      )}
      {open && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const body = into && into !== mail.ticket_id ? { ticket_id: into } : {};
            void decide(() => call("POST", route("/quarantine/{id}/accept", { id }), { body }), w.accepted);
          }}
        >
          {mail.acceptable && (
            <>
              <p dir="auto">
                {w.entersAs(mail.from?.name || mail.from?.email || w.nobody)}
                {told && told.length > 0 && ` ${w.tells(list(told.map(({ name, address }) => name || address)))}`}
              </p>
              <Input label={w.ticketFor} value={into} onInput={setTicket} />
            </>
          )}
          <div class="row">
            {mail.acceptable && (
              <Button type="submit" kind="primary" busy={busy}>
                {w.accept}
              </Button>
            )}
            {mail.status === "quarantined" && <Button onClick={() => setDismissing(true)}>{w.dismiss}</Button>}
          </div>
        </form>
      )}
      {dismissing && (
        <Dialog
          title={w.dismissTitle}
          onClose={() => setDismissing(false)}
          actions={
            <Button
              kind="primary"
              busy={busy}
              disabled={!reason.trim()}
              onClick={() =>
                void decide(
                  () => call("POST", route("/quarantine/{id}/dismiss", { id }), { body: { reason } }),
                  w.dismissed,
                )
              }
            >
              {w.dismiss}
            </Button>
          }
        >
          <p>{w.dismissDetail}</p>
          <Input label={w.dismissReason} value={reason} onInput={setReason} />
          {problem && <Failure problem={problem} small />}
        </Dialog>
      )}
    </section>
  );
}
