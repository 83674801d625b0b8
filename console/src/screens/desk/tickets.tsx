/** T1: the tickets of a technician, all of them for an administrator. */
import { useEffect, useRef, useState } from "preact/hooks";
import {
  ago,
  Badge,
  Empty,
  Failure,
  Icon,
  Input,
  Link,
  Loading,
  More,
  me,
  number,
  place,
  plural,
  type Schema,
  Screen,
  Select,
  setQuery,
  type TicketRow,
  Time,
  useHotkeys,
  useResource,
  words,
} from "../../base";
import { hasDraft } from "../../conversation/drafts";
import { useListKeys } from "../../conversation/list-keys";
import { useTicketList } from "../../conversation/ticket-list";

/** Queue of the address → what the list is asked for. */
const QUEUES = {
  minha: { of: "me" },
  grupo: { of: "group" },
  novas: { unread: "true" },
  todos: {},
} as const;
/** How often is asked how many mails need somebody, in milliseconds. */
const COUNTS = 60_000;
type Queue = keyof typeof QUEUES;

export function Tickets() {
  const w = words.value.desk.tickets;
  const { query } = place.value;
  const q = query.get("q") ?? "";
  const usual: Queue = me.value?.roles.includes("technician") ? "minha" : "todos";
  const asked = query.get("fila") ?? usual;
  const queue: Queue = asked in QUEUES ? (asked as Queue) : usual;
  const [typed, setTyped] = useState(q);
  const search = useRef<HTMLDivElement>(null);
  const status = query.get("situacao") ?? "";
  const list = useTicketList({ ...QUEUES[queue], q: q || null, status: status || null });
  const keys = useListKeys();
  useEffect(() => {
    const timer = setTimeout(() => typed !== q && setQuery({ q: typed.trim() || null }), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  useHotkeys({ "/": () => search.current?.querySelector("input")?.focus() });
  const stuck = useResource<Schema<"DeliveryCounts">>("/deliveries/counts", {}, { every: COUNTS }).data.value;
  const rows = list.rows.value;
  // The words are the ticket system's own: those that were seen can be chosen.
  const seen = useRef(new Set<string>());
  for (const row of rows ?? []) if (row.status) seen.current.add(row.status);
  if (status) seen.current.add(status);
  const statuses = [...seen.current].sort((a, b) => a.localeCompare(b));
  const names: [Queue, string][] = [
    ["minha", w.mine],
    ["grupo", w.group],
    ["novas", w.unread],
    ["todos", w.all],
  ];
  const fresh = rows?.reduce((sum, { unread }) => sum + unread, 0) ?? 0;
  return (
    <Screen title={w.title} count={fresh}>
      <nav class="tabs" aria-label={w.queues}>
        {names.map(([name, word]) => (
          <Link key={name} to={`/chamados?fila=${name}`} current={name === queue}>
            {word}
          </Link>
        ))}
        {stuck && stuck.total > 0 && (
          <Link to="/entregas">
            {w.failed} <Badge tone="red">{`${number(stuck.total)}${stuck.complete ? "" : "+"}`}</Badge>
          </Link>
        )}
      </nav>
      <div class="filters" ref={search}>
        <Input type="search" label={w.search} hidden placeholder={w.search} value={typed} onInput={setTyped} />
        {statuses.length > 0 && (
          <Select
            label={w.status}
            hidden
            value={status}
            options={[{ value: "", name: w.anyStatus }, ...statuses.map((value) => ({ value, name: value }))]}
            onChange={(chosen) => setQuery({ situacao: chosen || null })}
          />
        )}
        {list.asked.value > 0 && <span class="faint">{w.refreshed(ago(list.asked.value))}</span>}
      </div>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!rows && !list.problem.value && <Loading rows={6} />}
      {rows?.length === 0 &&
        (q || status ? (
          <Empty title={words.value.list.nothing} detail={words.value.list.nothingDetail} icon="search" />
        ) : queue === "todos" ? (
          <Empty title={w.emptyAll} detail={w.emptyAllDetail} />
        ) : (
          <Empty title={w.empty} detail={w.emptyDetail} />
        ))}
      {rows && rows.length > 0 && (
        <div class="card table-card" ref={keys}>
          <table class="tickets">
            <thead>
              <tr>
                <th scope="col">{w.number}</th>
                <th scope="col">{w.subject}</th>
                <th scope="col">{w.requester}</th>
                <th scope="col">{w.priority}</th>
                <th scope="col">{w.status}</th>
                <th scope="col">{w.activity}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} />
    </Screen>
  );
}

function Row({ row }: { row: TicketRow }) {
  const w = words.value;
  const last = row.last_message;
  return (
    <tr class={row.unread ? "unread" : ""}>
      <td class="number">{row.id}</td>
      <th scope="row">
        <Link to={`/chamados/${encodeURIComponent(row.id)}`} class="ticket-link">
          <span dir="auto">{row.activity || row.service || w.list.noSubject}</span>
        </Link>
        {last && (
          <p class="faint request-line" dir="auto">
            {last.visibility === "internal" && <Icon name="lock" />} {w.list.excerpt(last.author, last.excerpt)}
          </p>
        )}
        <div class="row">
          {row.unread > 0 && (
            <Badge tone="blue" icon="mail">
              {plural(row.unread, w.list.newMessages)}
            </Badge>
          )}
          {row.attention && (
            <Badge tone="red" icon="alert">
              {w.desk.tickets.attention}
            </Badge>
          )}
          {hasDraft(row.id) && <Badge icon="pencil">{w.list.draft}</Badge>}
        </div>
      </th>
      <td>{row.requester.name || row.requester.email}</td>
      <td>{row.priority}</td>
      <td>{row.status}</td>
      <td>
        <Time at={row.activity_at} relative />
      </td>
    </tr>
  );
}
