/** What a press does: busy until it has ended, with what went wrong. */
import { useState } from "preact/hooks";
import { asProblem, type Problem } from "./client";

/** What a screen has of an action. */
interface Action {
  /** Whether it is under way. */
  busy: boolean;
  /** Why it did not go well the last time. */
  problem: Problem | null;
  setProblem: (problem: Problem | null) => void;
  /** Does it. `failed` says what of a problem is left to show, where it can deal with some itself. */
  act: (what: () => Promise<unknown>, failed?: Failed) => Promise<void>;
}

type Failed = (problem: Problem) => Problem | null | Promise<Problem | null>;

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = async (what: () => Promise<unknown>, failed: Failed = (problem) => problem) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(await failed(asProblem(error)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, setProblem, act };
}
