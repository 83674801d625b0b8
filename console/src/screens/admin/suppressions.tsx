/** A7: addresses to which no mail goes, and why; lifting needs a reason. */
import { useState } from "preact/hooks";
import {
  asProblem,
  Button,
  call,
  Dialog,
  day,
  Empty,
  Failure,
  Input,
  Link,
  Loading,
  type Page,
  type Problem,
  route,
  type Schema,
  Screen,
  say,
  useResource,
  words,
} from "../../base";

type Suppression = Schema<"Suppression">;

export function Suppressions() {
  const w = words.value.admin.blocked;
  const list = useResource<Page<Suppression>>("/suppressions", { limit: 100 });
  const [lifting, setLifting] = useState<Suppression | null>(null);
  const items = list.data.value?.items;
  return (
    <Screen title={w.title}>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && list.loading.value && <Loading />}
      {items?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="check" />}
      {items && items.length > 0 && (
        <div class="scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{w.address}</th>
                <th scope="col">{w.cause}</th>
                <th scope="col">{w.since}</th>
                <th scope="col">{w.until}</th>
                <th scope="col">{w.ticket}</th>
                <th scope="col">
                  <span class="hidden">{w.lift}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.address}>
                  <th scope="row">{item.address}</th>
                  <td>
                    {words.value.desk.ticket.causes[item.cause]}
                    {item.detail && <p class="faint">{item.detail}</p>}
                  </td>
                  <td>{day(item.since)}</td>
                  <td>{item.until ? day(item.until) : w.forever}</td>
                  <td>
                    {item.origin && <Link to={`/chamados/${item.origin.ticket_id}`}>{item.origin.ticket_id}</Link>}
                  </td>
                  <td>{item.lifted ? w.lifted : <Button onClick={() => setLifting(item)}>{w.lift}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
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
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const lift = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await call("DELETE", route("/suppressions/{address}", { address }), { body: { reason } });
      say(w.done);
      onDone();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={`${w.lift}: ${address}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.value.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={reason.trim() === ""} onClick={() => void lift()}>
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
