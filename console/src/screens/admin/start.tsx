/** A0: whether a message sent now would arrive, and what to do when it would not. */
import {
  Badge,
  Failure,
  Icon,
  type IconName,
  Link,
  Loading,
  number,
  type Page,
  plural,
  type Schema,
  Screen,
  useResource,
  words,
} from "../../base";

type Check = Schema<"Check">;

const SIGNS: Record<Check["status"], IconName> = { ok: "check", warning: "alert", failed: "cross" };

/** Where a check is put right, by the beginning of its id. */
const PLACES: [string, string][] = [
  ["template", "/modelos"],
  ["parameter", "/parametros"],
  ["kill", "/parametros"],
  ["sender", "/conta-de-email"],
  ["contract_senders", "/remetentes"],
  ["account", "/conta-de-email"],
  ["message_exchange", "/parametros"],
  ["reply_domain", "/conta-de-email"],
];

export function Start() {
  const w = words.value.admin.start;
  const health = useResource<Schema<"Readiness">>("/health/config", {}, { every: 30_000 });
  const found = health.data.value;
  const stuck = useResource<Schema<"DeliveryCounts">>("/deliveries/counts", {}, { every: 60_000 }).data.value;
  const waiting = useResource<Schema<"MailCounts">>("/quarantine/counts", {}, { every: 60_000 }).data.value;
  return (
    <Screen title={w.title} class="narrow">
      {health.problem.value && <Failure problem={health.problem.value} onRetry={() => void health.reload()} />}
      {!found && health.loading.value && <Loading rows={6} />}
      {found && <FirstSteps checks={found.checks} />}
      {found && (
        <section class="card stack">
          <h2>{w.question}</h2>
          <p class={`verdict ${found.ready ? "good" : "bad"}`} role="status">
            {found.ready ? w.yes : w.no}
          </p>
          <Checks checks={found.checks} />
        </section>
      )}
      <Week />
      <section class="card stack">
        <h2>{w.needsYou}</h2>
        <ul class="links">
          <li>
            <Link to="/entregas">{words.value.nav.deliveries}</Link>{" "}
            {stuck && <Count of={stuck.total} more={!stuck.complete} />}
          </li>
          <li>
            <Link to="/quarentena">{words.value.nav.quarantine}</Link>{" "}
            {waiting && <Count of={waiting.quarantined} more={waiting.more} />}
          </li>
          <li>
            <Link to="/enderecos-bloqueados">{words.value.nav.blocked}</Link>
          </li>
        </ul>
      </section>
    </Screen>
  );
}

/** Whether no template was chosen when the console was opened: the steps are shown until it is opened again. */
let begun = false;

/** What an administrator of a new desk does first, in its order. */
function FirstSteps({ checks }: { checks: Check[] }) {
  const chosen = checks.find(({ id }) => id === "parameter_417")?.status === "ok";
  begun ||= !chosen;
  return begun ? <Steps chosen={chosen} /> : null;
}

function Steps({ chosen }: { chosen: boolean }) {
  const w = words.value.admin.start.steps;
  const first = useResource<Page<Schema<"Summary">>>("/templates", { limit: 1 }).data.value?.items[0];
  const steps: [string, string, boolean][] = [
    [w.template, first ? "/modelos" : "/modelos/novo", first !== undefined],
    [w.parameter, "/parametros", chosen],
    [w.test, first ? `/modelos/${first.id}` : "/modelos", false],
  ];
  return (
    <section class="card stack">
      <h2>{w.title}</h2>
      <ol class="checks">
        {steps.map(([name, to, done]) => (
          <li key={name} class={done ? "ok" : ""}>
            <Icon name={done ? "check" : "arrow"} />
            <div>
              <Link to={to}>{name}</Link> <span class="faint">{done ? w.done : w.open}</span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How many need somebody. */
function Count({ of, more }: { of: number; more: boolean }) {
  return <Badge tone={of > 0 ? "red" : "grey"}>{`${number(of)}${more ? "+" : ""}`}</Badge>;
}

/** The figures of a week in one line. */
function Week() {
  const w = words.value.desk.statistics;
  const { total } = useResource<Schema<"Statistics">>("/statistics", { days: 7 }).data.value ?? {};
  if (!total) return null;
  const all = Object.values(total.mails).reduce((sum, count) => sum + count, 0);
  const bad = ["bounced", "rejected", "failed", "complained"].reduce((sum, name) => sum + (total.mails[name] ?? 0), 0);
  return (
    <section class="card stack">
      <h2>{w.title}</h2>
      <p>{w.week(plural(total.messages, w.weekMessages), plural(all, w.weekMails), number(bad))}</p>
      <Link to="/estatisticas">{w.more}</Link>
    </section>
  );
}

/** The checks, each with its sign, its words and what to do. */
export function Checks({ checks }: { checks: Check[] }) {
  const w = words.value.admin.start;
  return (
    <ul class="checks">
      {checks.map((check) => {
        const place = PLACES.find(([start]) => check.id.startsWith(start))?.[1];
        return (
          <li key={check.id} class={check.status}>
            <Icon name={SIGNS[check.status]} />
            <div>
              <p>
                <span class="hidden">{w.states[check.status]}: </span>
                <strong>{w.checks[check.id] ?? check.id}</strong>: {check.detail}
              </p>
              {check.fix && <p class="faint">{check.fix}</p>}
              {check.status !== "ok" && place && <Link to={place}>{w.goThere}</Link>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
