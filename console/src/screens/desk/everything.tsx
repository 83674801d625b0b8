/** D1 for administrators: everything that a filter chooses is counted, asked about and sent again. */
import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Failure, Icon, Loading, newKey, plural, say, useAction, words } from "../../base";
import { bodyOf, type Choice, sendAllAgain, sentAgain, type Totals } from "./resending";

export function Everything(props: { choice: Choice; onClose: () => void; onDone: () => void; onStopped: () => void }) {
  const w = words.value.desk.deliveries;
  const [body] = useState(() => bodyOf(props.choice, Date.now()));
  const [key] = useState(newKey);
  const [counted, setCounted] = useState<Totals | null>(null);
  const counting = useAction();
  const sending = useAction();
  const count = () => void counting.act(async (stop) => setCounted(await sendAllAgain(body, { dry: true, key, stop })));
  useEffect(count, []);
  const send = async (stop: AbortSignal) => {
    try {
      const { resent, matched } = await sendAllAgain(body, { dry: false, key, stop });
      say(sentAgain(resent, matched - resent, Math.max((counted?.matched ?? 0) - matched, 0)));
      if (!stop.aborted) props.onDone();
    } finally {
      if (stop.aborted) props.onStopped();
    }
  };
  const problem = counting.problem ?? sending.problem;
  return (
    <Dialog
      title={counted ? plural(counted.matched, w.againAllAsk) : w.looking}
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button
            kind="primary"
            busy={sending.busy}
            disabled={!counted?.matched}
            onClick={() => void sending.act(send)}
          >
            {words.value.desk.delivery.again}
          </Button>
        </>
      }
    >
      {problem && <Failure problem={problem} onRetry={counted ? undefined : count} small />}
      {!counted && !problem && <Loading rows={1} />}
      {counted && counted.may_arrive_twice > 0 && (
        <p>
          <Icon name="question" /> {plural(counted.may_arrive_twice, w.againTwice)}
        </p>
      )}
      {counted && counted.too_early > 0 && <p class="faint">{plural(counted.too_early, w.tooEarly)}</p>}
    </Dialog>
  );
}
