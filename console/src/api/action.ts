/** What a press does: busy until it has ended, with what went wrong. */
import { useEffect, useState } from "preact/hooks";
import { say } from "../ui/toast";
import { asProblem, type Problem } from "./client";

/** What a screen has of an action. */
interface Action {
  /** Whether it is under way. */
  busy: boolean;
  /** Why it did not go well the last time. */
  problem: Problem | null;
  setProblem: (problem: Problem | null) => void;
  /**
   * Does it. `failed` says what of a problem is left to show, where it can deal with some itself. The signal is aborted
   * once the component is gone: a reading call takes it, and of several writes none is begun any more.
   */
  act: (what: (gone: AbortSignal) => Promise<unknown>, failed?: Failed) => Promise<void>;
}

type Failed = (problem: Problem, gone: AbortSignal) => Problem | null | Promise<Problem | null>;

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [leave] = useState(() => new AbortController());
  useEffect(() => () => leave.abort(), []);
  const act = async (what: (gone: AbortSignal) => Promise<unknown>, failed: Failed = (problem) => problem) => {
    setBusy(true);
    setProblem(null);
    try {
      await what(leave.signal);
    } catch (error) {
      if (error === leave.signal.reason) return;
      const left = await failed(asProblem(error), leave.signal);
      setProblem(left);
      // Nobody sees it there any more. That a session has ended is said elsewhere.
      if (left && leave.signal.aborted && left.status !== 401) say([...new Set([left.title, left.message])].join(". "));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, setProblem, act };
}
