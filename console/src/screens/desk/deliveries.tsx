/** D1: deliveries that only a person can bring further: seen, sent again or dismissed, one or many. */
import { useEffect, useRef, useState } from "preact/hooks";
import {
  Badge,
  Button,
  call,
  Dialog,
  Empty,
  Failure,
  go,
  Icon,
  Input,
  Link,
  Loading,
  More,
  me,
  newKey,
  number,
  place,
  plural,
  type Schema,
  Screen,
  Select,
  say,
  setQuery,
  Time,
  useAction,
  useHotkeys,
  usePages,
  useResource,
  words,
} from "../../base";
import { useListKeys } from "../../conversation/list-keys";
import { DeliveryPanel } from "./delivery-panel";
import { Everything } from "./everything";
import { mayBeTwice, outcomesOf, type Row, SENT_AGAIN, sendAgain, sentAgain } from "./resending";
import { STATES } from "./states";

type Counts = Schema<"DeliveryCounts">;
const TABS = ["bounced", "failed", "rejected", "unknown", "unconfirmed", "held", "complained"] as const;
type Tab = (typeof TABS)[number];
const EVERY = 60_000;
/** What was sent again soon ends somewhere: looked at after so many milliseconds. */
const AFTER = [0, 1500, 5000, 15_000];

export function Deliveries() {
  const w = words.value.desk.deliveries;
  const { query } = place.value;
  const status = TABS.find((tab) => tab === query.get("estado")) ?? null;
  const reason = query.get("motivo");
  const ticket = query.get("chamado");
  const counts = useResource<Counts>("/deliveries/counts", {}, { every: EVERY });
  const list = usePages<Row>("/deliveries", { status, reason, ticket, limit: 100 }, { every: EVERY });
  const rows = list.rows.value;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<{ what: "again" | "dismiss"; rows: Row[] } | null>(null);
  const [everything, setEverything] = useState(false);
  const [panel, setPanel] = useState<Row | null>(null);
  const keys = useListKeys();
  useHotkeys({ u: () => go("/chamados") });
  // What is not shown any more is not chosen any more.
  useEffect(() => setChosen((before) => new Set(rows?.filter(({ id }) => before.has(id)).map(({ id }) => id))), [rows]);
  const picked = rows?.filter(({ id }) => chosen.has(id)) ?? [];
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  const gone = useRef(false);
  const reload = () => {
    const load = () => {
      void list.reload();
      void counts.reload();
    };
    timers.current.forEach(clearTimeout);
    timers.current = gone.current ? [] : AFTER.map((wait) => setTimeout(load, wait));
  };
  useEffect(
    () => () => {
      gone.current = true;
      timers.current.forEach(clearTimeout);
    },
    [],
  );
  const mayAll = me.value?.roles.includes("admin") && (status === null || SENT_AGAIN.includes(status));
  const close = () => {
    setDoing(null);
    setEverything(false);
  };
  const done = () => {
    close();
    setChosen(new Set());
    reload();
  };
  const acting = { onClose: close, onDone: done, onStopped: reload };
  const filtered = !!(status || reason || ticket);
  return (
    <Screen title={w.title} count={counts.data.value?.total ?? 0}>
      <Tabs counts={counts.data.value} status={status} />
      <Filters counts={counts.data.value} status={status} reason={reason} ticket={ticket} />
      {list.problem.value && <Failure problem={list.problem.value} onRetry={reload} />}
      {!rows && !list.problem.value && <Loading rows={5} />}
      {rows?.length === 0 && !list.more.value && (
        <Empty
          title={filtered ? words.value.list.nothing : w.empty}
          detail={filtered ? words.value.list.nothingDetail : w.emptyDetail}
          icon="checks"
        >
          {filtered && <Link to="/entregas">{w.all}</Link>}
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <>
          <div class="row picked">
            <label class="pick">
              <input
                type="checkbox"
                checked={picked.length === rows.length}
                onChange={(event) => setChosen(new Set(event.currentTarget.checked ? rows.map(({ id }) => id) : []))}
              />{" "}
              {w.selectAll}
            </label>
            <span role="status">{picked.length > 0 && plural(picked.length, w.selected)}</span>
            {picked.length > 0 && (
              <>
                <Button kind="primary" icon="refresh" onClick={() => setDoing({ what: "again", rows: picked })}>
                  {w.againAll}
                </Button>
                <Button icon="check" onClick={() => setDoing({ what: "dismiss", rows: picked })}>
                  {w.dismiss}
                </Button>
              </>
            )}
          </div>
          {mayAll && (
            <div>
              <Button icon="refresh" onClick={() => setEverything(true)}>
                {w.everything}
              </Button>
            </div>
          )}
          <ul class="card deliveries" aria-label={w.title} ref={keys}>
            {rows.map((row) => (
              <Entry
                key={row.id}
                row={row}
                chosen={chosen.has(row.id)}
                onChoose={(on) => {
                  const next = new Set(chosen);
                  if (on) next.add(row.id);
                  else next.delete(row.id);
                  setChosen(next);
                }}
                onDetails={() => setPanel(row)}
                onAct={(what) => setDoing({ what, rows: [row] })}
              />
            ))}
          </ul>
        </>
      )}
      <More list={list} />
      {doing?.what === "again" && <Again rows={doing.rows} {...acting} />}
      {doing?.what === "dismiss" && <Dismiss rows={doing.rows} {...acting} />}
      {everything && <Everything choice={{ status, reason, ticket }} {...acting} />}
      {panel && (
        <DeliveryPanel
          ticket={panel.ticket_id}
          message={panel.message_id}
          onClose={() => setPanel(null)}
          onAgain={reload}
        />
      )}
    </Screen>
  );
}

/** A count, and whether there are more than were counted. */
const counted = (count: number, complete: boolean) => number(count) + (complete || count === 0 ? "" : "+");

function Tabs({ counts, status }: { counts: Counts | null; status: Tab | null }) {
  const w = words.value.desk.deliveries;
  return (
    <nav class="tabs" aria-label={w.title}>
      <Link to="/entregas" current={status === null}>
        {w.all} {counts && <Badge>{counted(counts.total, counts.complete)}</Badge>}
      </Link>
      {TABS.filter((tab) => tab === status || !counts || counts.by_status[tab] > 0).map((tab) => (
        <Link key={tab} to={`/entregas?estado=${tab}`} current={tab === status}>
          {w.tabs[tab]} {counts && <Badge>{counted(counts.by_status[tab], counts.complete)}</Badge>}
        </Link>
      ))}
    </nav>
  );
}

function Filters(props: { counts: Counts | null; status: Tab | null; reason: string | null; ticket: string | null }) {
  const w = words.value.desk.deliveries;
  const [typed, setTyped] = useState(props.ticket ?? "");
  useEffect(() => {
    const timer = setTimeout(() => typed.trim() !== (props.ticket ?? "") && setQuery({ chamado: typed.trim() }), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  const reasons = reasonsOf(props.counts, props.status);
  return (
    <div class="filters">
      <Input type="search" label={w.ticket} hidden placeholder={w.searchTicket} value={typed} onInput={setTyped} />
      {reasons.length > 0 && (
        <Select
          label={w.reason}
          hidden
          value={props.reason ?? ""}
          options={[
            { value: "", name: w.anyReason },
            ...reasons.map(([reason, { text, count }]) => ({ value: reason, name: w.withReason(number(count), text) })),
          ]}
          onChange={(reason) => setQuery({ motivo: reason || null })}
        />
      )}
    </div>
  );
}

/** The reasons there are for deliveries in this state, or in any, with how many there are of each. */
function reasonsOf(counts: Counts | null, status: Tab | null): [string, { text: string; count: number }][] {
  const found = new Map<string, { text: string; count: number }>();
  for (const { status: of, reason, reason_text, count } of counts?.by_reason ?? []) {
    if (status && of !== status) continue;
    const before = found.get(reason)?.count ?? 0;
    found.set(reason, { text: reason_text ?? reason, count: before + count });
  }
  return [...found];
}

function Entry(props: {
  row: Row;
  chosen: boolean;
  onChoose: (on: boolean) => void;
  onDetails: () => void;
  onAct: (what: "again" | "dismiss") => void;
}) {
  const { row } = props;
  const w = words.value.desk;
  const to = row.name || row.to;
  return (
    <li class="delivery-row">
      <input
        type="checkbox"
        aria-label={w.deliveries.select(to)}
        checked={props.chosen}
        onChange={(event) => props.onChoose(event.currentTarget.checked)}
      />
      <div class="delivery-what">
        <p class="row">
          <Badge {...STATES[row.status]}>{w.delivery.states[row.status]}</Badge>
          <strong dir="auto">{to}</strong>
          {row.name && <span class="faint">{row.to}</span>}
          <span class="faint">
            <Time at={row.updated_at} relative />
          </span>
        </p>
        <p>{row.reason_text ?? row.status_text}</p>
        {row.detail && (
          <p class="faint" dir="auto">
            {w.delivery.serverSaid}: <code>{row.detail}</code>
          </p>
        )}
        <Link to={`/chamados/${encodeURIComponent(row.ticket_id)}#m-${row.message_id}`} class="delivery-link">
          {row.ticket_id} <span dir="auto">{row.ticket_title || words.value.list.noSubject}</span>
        </Link>
      </div>
      <div class="row delivery-acts">
        <Button kind="quiet" label={w.delivery.detailsFor(to)} onClick={props.onDetails}>
          {w.delivery.details}
        </Button>
        {row.send_again && (
          <Button icon="refresh" label={w.delivery.againTo(to)} onClick={() => props.onAct("again")}>
            {w.delivery.again}
          </Button>
        )}
        <Button icon="check" label={w.deliveries.dismissOf(to)} onClick={() => props.onAct("dismiss")}>
          {w.deliveries.dismiss}
        </Button>
      </div>
    </li>
  );
}

/** Something is done with some rows: to the end, or until the dialog is closed. */
interface Acting {
  rows: Row[];
  onClose: () => void;
  onDone: () => void;
  /** It was closed before the end, and what was under way then is over. */
  onStopped: () => void;
}

/** How many are sent again, how many of them may arrive twice, and what became of each. */
function Again(props: Acting) {
  const w = words.value.desk.deliveries;
  const able = props.rows.filter(({ send_again }) => send_again);
  const twice = able.filter(mayBeTwice).length;
  const { busy, problem, act } = useAction();
  const [failed, setFailed] = useState<{ row: Row; why: string }[]>([]);
  const [key] = useState(newKey);
  const again = async (stop: AbortSignal) => {
    const outcomes = await sendAgain(able, key, stop);
    const { sent, not } = outcomesOf(outcomes);
    say(sentAgain(sent, not.length, able.length - outcomes.length));
    if (stop.aborted) props.onStopped();
    else if (not.length === 0) props.onDone();
    else setFailed(not);
  };
  const over = failed.length > 0;
  return (
    <Dialog
      title={plural(able.length, w.againAllAsk)}
      onClose={over ? props.onDone : props.onClose}
      actions={
        over ? (
          <Button kind="primary" onClick={props.onDone}>
            {words.value.close}
          </Button>
        ) : (
          <>
            <Button onClick={props.onClose}>{words.value.cancel}</Button>
            <Button kind="primary" busy={busy} disabled={able.length === 0} onClick={() => void act(again)}>
              {words.value.desk.delivery.again}
            </Button>
          </>
        )
      }
    >
      {twice > 0 && (
        <p>
          <Icon name="question" /> {plural(twice, w.againTwice)}
        </p>
      )}
      {props.rows.length > able.length && <p class="faint">{plural(props.rows.length - able.length, w.againNot)}</p>}
      {problem && <Failure problem={problem} small />}
      {over && (
        <ul class="not-told" role="alert">
          {failed.map(({ row, why }) => (
            <li key={row.id}>
              <strong dir="auto">{row.name || row.to}</strong> {why}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function Dismiss(props: Acting) {
  const w = words.value.desk.deliveries;
  const [reason, setReason] = useState("");
  const { busy, problem, act } = useAction();
  const dismiss = async (stop: AbortSignal) => {
    try {
      let done = 0;
      while (done < props.rows.length && !stop.aborted) {
        const part = props.rows.slice(done, done + 100);
        const deliveries = part.map(({ ticket_id, message_id, id }) => ({ ticket_id, message_id, id }));
        await call("POST", "/deliveries/dismiss", { body: { deliveries, reason: reason.trim() } });
        done += part.length;
      }
      say(plural(done, w.dismissed));
      if (!stop.aborted) props.onDone();
    } finally {
      if (stop.aborted) props.onStopped();
    }
  };
  return (
    <Dialog title={w.dismissTitle} onClose={props.onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void act(dismiss);
        }}
      >
        <p>
          {plural(props.rows.length, w.dismissCount)} {w.dismissDetail}
        </p>
        <Input label={w.dismissReason} value={reason} first onInput={setReason} />
        {problem && <Failure problem={problem} small />}
        <div class="row composer-end">
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {w.dismiss}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
