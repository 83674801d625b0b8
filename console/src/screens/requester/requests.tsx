/** R1: the requester's tickets. */
import { useEffect, useRef, useState } from "preact/hooks";
import {
  Badge,
  Button,
  Empty,
  Failure,
  Icon,
  Input,
  Link,
  Loading,
  More,
  place,
  plural,
  Radios,
  Screen,
  setQuery,
  type TicketRow,
  Time,
  useHotkeys,
  words,
} from "../../base";
import { hasDraft } from "../../conversation/drafts";
import { useListKeys } from "../../conversation/list-keys";
import { useTicketList } from "../../conversation/ticket-list";

export function Requests() {
  const w = words.value.list;
  const { query } = place.value;
  const q = query.get("q") ?? "";
  const unread = query.get("ver") === "novas";
  const [typed, setTyped] = useState(q);
  const search = useRef<HTMLDivElement>(null);
  const list = useTicketList({ q: q || null, unread: unread ? "true" : null });
  const rows = list.rows.value;
  const fresh = rows?.reduce((sum, { unread }) => sum + unread, 0) ?? 0;
  useEffect(() => {
    const timer = setTimeout(() => typed !== q && setQuery({ q: typed.trim() || null }), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  useHotkeys({ "/": () => search.current?.querySelector("input")?.focus() });
  const keys = useListKeys();
  return (
    <Screen title={words.value.nav.requests} count={fresh} class="narrow">
      <div class="filters" ref={search}>
        <Input type="search" label={w.search} hidden placeholder={w.search} value={typed} onInput={setTyped} />
        <Radios
          legend={words.value.nav.requests}
          hidden
          value={unread ? "novas" : ""}
          options={[
            { value: "", name: w.all },
            { value: "novas", name: w.unread },
          ]}
          onChange={(value) => setQuery({ ver: value || null })}
        />
      </div>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!rows && !list.problem.value && <Loading />}
      {rows?.length === 0 &&
        (q || unread ? (
          <Empty title={w.nothing} detail={w.nothingDetail} icon="search">
            <Button
              onClick={() => {
                setTyped("");
                setQuery({ q: null, ver: null });
              }}
            >
              {w.clear}
            </Button>
          </Empty>
        ) : (
          <Empty title={w.empty} detail={w.emptyDetail} />
        ))}
      {rows && rows.length > 0 && (
        <ul class="requests card" ref={keys}>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      )}
      <More list={list} />
    </Screen>
  );
}

function Row({ row }: { row: TicketRow }) {
  const w = words.value.list;
  const last = row.last_message;
  return (
    <li class={row.unread ? "request unread" : "request"}>
      <div class="request-head">
        <Link to={`/solicitacoes/${encodeURIComponent(row.id)}`} class="request-link">
          <span class="number">{row.id}</span> <span dir="auto">{row.activity || row.service || w.noSubject}</span>
        </Link>
        <span class="faint">
          <Time at={row.activity_at} relative />
        </span>
      </div>
      <p class="faint request-line" dir="auto">
        {row.status}
        {row.status && last && " · "}
        {last && w.excerpt(last.role === "requester" ? w.you : last.author, last.excerpt)}
      </p>
      <div class="row">
        {row.unread > 0 && (
          <Badge tone="blue" icon="mail">
            {plural(row.unread, w.newMessages)}
          </Badge>
        )}
        {hasDraft(row.id) && <Badge icon="pencil">{w.draft}</Badge>}
        {last && last.attachments > 0 && <Icon name="file" />}
      </div>
    </li>
  );
}
