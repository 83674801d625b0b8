/** A7: addresses to which no mail goes, and why; lifting needs a reason. */
import { useState } from "preact/hooks";
import {
  Button,
  call,
  Dialog,
  day,
  Empty,
  Failure,
  Input,
  Link,
  Loading,
  More,
  route,
  type Schema,
  Screen,
  say,
  unlessGone,
  useAction,
  usePages,
  words,
} from "../../base";
import { type Column, Table } from "./table";

type Suppression = Schema<"Suppression">;

export function Suppressions() {
  const w = words.value.admin.blocked;
  const list = usePages<Suppression>("/suppressions", { limit: 100 }, { keyOf: (item) => item.address });
  const [lifting, setLifting] = useState<Suppression | null>(null);
  const items = list.rows.value;
  const columns: Column<Suppression>[] = [
    { head: w.address, cell: (item) => item.address, names: true },
    {
      head: w.cause,
      cell: (item) => (
        <>
          {words.value.desk.ticket.causes[item.cause]}
          {item.detail && <p class="faint">{item.detail}</p>}
        </>
      ),
    },
    { head: w.since, cell: (item) => day(item.since) },
    { head: w.until, cell: (item) => (item.until ? day(item.until) : w.forever) },
    {
      head: w.ticket,
      cell: (item) =>
        item.origin ? <Link to={`/chamados/${item.origin.ticket_id}`}>{item.origin.ticket_id}</Link> : "–",
    },
    {
      head: w.lift,
      silent: true,
      cell: (item) =>
        item.lifted ? (
          w.lifted
        ) : (
          <Button onClick={() => setLifting(item)} aria-label={`${w.lift}: ${item.address}`}>
            {w.lift}
          </Button>
        ),
    },
  ];
  return (
    <Screen title={w.title}>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && !list.problem.value && <Loading />}
      {items?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="check" />}
      {items && items.length > 0 && (
        <Table label={w.title} columns={columns} rows={items} keyOf={(item) => item.address} />
      )}
      <More list={list} />
      {lifting && (
        <Lift
          address={lifting.address}
          onClose={() => setLifting(null)}
          onDone={() => {
            setLifting(null);
            void list.reload();
          }}
        />
      )}
    </Screen>
  );
}

function Lift({ address, onClose, onDone }: { address: string; onClose: () => void; onDone: () => void }) {
  const w = words.value.admin.blocked;
  const [reason, setReason] = useState("");
  const { busy, problem, act } = useAction();
  const lift = async () => {
    await call("DELETE", route("/suppressions/{address}", { address }), { body: { reason } }).catch(unlessGone);
    say(w.done);
    onDone();
  };
  return (
    <Dialog
      title={`${w.lift}: ${address}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.value.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={reason.trim() === ""} onClick={() => void act(lift)}>
            {w.lift}
          </Button>
        </>
      }
    >
      <p>{w.warning}</p>
      {problem && <Failure problem={problem} small />}
      <Input label={w.reason} value={reason} onInput={setReason} required />
    </Dialog>
  );
}
