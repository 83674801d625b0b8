/** D1 for administrators: everything that a filter chooses is counted, asked about and sent again. */
import { useEffect, useState } from "preact/hooks";
import {
  asProblem,
  Button,
  Dialog,
  Failure,
  Icon,
  Loading,
  newKey,
  number,
  plural,
  say,
  useAction,
  words,
} from "../../base";
import { bodyOf, type Choice, sendAllAgain, type Totals } from "./resending";

export function Everything(props: { choice: Choice; onClose: () => void; onDone: () => void }) {
  const w = words.value.desk.deliveries;
  const [body] = useState(() => bodyOf(props.choice, Date.now()));
  const [key] = useState(newKey);
  const [counted, setCounted] = useState<Totals | null>(null);
  const { busy, problem, setProblem, act } = useAction();
  const count = () => {
    setProblem(null);
    sendAllAgain(body, { dry: true, key }).then(setCounted, (error) => setProblem(asProblem(error)));
  };
  useEffect(count, []);
  const send = async () => {
    const { resent, matched } = await sendAllAgain(body, { dry: false, key });
    say(w.againAllDone(number(resent), matched > resent ? number(matched - resent) : ""));
    props.onDone();
  };
  return (
    <Dialog
      title={counted ? plural(counted.matched, w.againAllAsk) : w.looking}
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button kind="primary" busy={busy} disabled={!counted?.matched} onClick={() => void act(send)}>
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
