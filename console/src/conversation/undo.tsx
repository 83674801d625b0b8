/** For some seconds a message may be taken back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, Button, call, Failure, Notice, number, type Problem, route, words } from "../base";

/** What may be taken back. */
export interface Undoable {
  message: string;
  /** Milliseconds. */
  until: number;
}

/** Seconds between two tries. */
const AGAIN = 2;

/**
 * Says until when, and takes it back. `onUndo` runs before the call, so that the text is a draft again
 * whatever happens; it returns what forgets that draft, for a message that stays.
 */
export function Undo(props: {
  ticket: string;
  undoable: Undoable;
  onUndo: () => () => void;
  onDone: (undone: boolean) => void;
}) {
  const w = words.value.composer;
  const [now, setNow] = useState(Date.now());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { until, message } = props.undoable;
  const left = Math.ceil((until - now) / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0 && !busy && !problem) props.onDone(false);
  }, [left, busy, problem]);
  const gone = useRef(false);
  useEffect(
    () => () => {
      gone.current = true;
    },
    [],
  );
  const undo = async () => {
    setBusy(true);
    const forget = props.onUndo();
    while (!gone.current) {
      try {
        await call("DELETE", route("/tickets/{id}/messages/{message}", { id: props.ticket, message }));
        return props.onDone(true);
      } catch (error) {
        const failed = asProblem(error);
        // An earlier try took it back, and its answer was lost.
        if (failed.status === 404) return props.onDone(true);
        setProblem(failed);
        if (!failed.passing && failed.status !== 401) {
          forget();
          setBusy(false);
          return;
        }
        // Not known whether it is taken back: the text must be neither lost nor sent again before that is known.
        await new Promise((resolve) => setTimeout(resolve, Math.max(failed.retryAfter ?? 0, AGAIN) * 1000));
      }
    }
  };
  return (
    <Notice tone="blue" icon="clock" role="status">
      <div class="row">
        <span aria-live="off">{left > 0 ? w.undoFor(number(left)) : w.undoing}</span>
        <Button kind="quiet" icon="back" busy={busy} onClick={() => void undo()}>
          {w.undoSend}
        </Button>
        {problem && <Button kind="quiet" icon="cross" label={words.value.close} onClick={() => props.onDone(false)} />}
      </div>
      {problem && <Failure problem={problem} small />}
    </Notice>
  );
}
