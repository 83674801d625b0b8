/** Data of a screen: asked for, shown, asked for again. */
import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { language } from "../words";
import { asProblem, type Call, call, type Problem } from "./client";
import { scheduler } from "./poll";

/** What a screen has of something. */
export interface Resource<T> {
  /** The last good answer. */
  data: Signal<T | null>;
  /** Why the last call did not go well. */
  problem: ReadonlySignal<Problem | null>;
  /** Whether a call is under way. */
  loading: ReadonlySignal<boolean>;
  etag: ReadonlySignal<string | null>;
  /** Asks again. */
  reload: () => Promise<void>;
}

/**
 * The answer of `GET path`, asked again when path or query change, and every `every` milliseconds
 * when that is given. An older answer never overwrites a newer one. `path` null asks nothing.
 */
export function useResource<T>(
  path: string | null,
  query: Call["query"] = {},
  options: { every?: number | ((data: T | null) => number | null) } = {},
): Resource<T> {
  const data = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const loading = useSignal(path !== null);
  const etag = useSignal<string | null>(null);
  const turn = useRef(0);
  const asked = `${path} ${JSON.stringify(query)} ${language.value}`;
  const latest = useRef({ path, query, options });
  latest.current = { path, query, options };

  const load = useRef(async () => {
    const { path, query } = latest.current;
    if (path === null) return;
    turn.current += 1;
    const mine = turn.current;
    loading.value = true;
    try {
      const answer = await call<T>("GET", path, { query: query ?? {} });
      if (mine !== turn.current) return;
      data.value = answer.body;
      etag.value = answer.etag;
      problem.value = null;
    } catch (error) {
      if (mine !== turn.current) return;
      problem.value = asProblem(error);
      throw error;
    } finally {
      if (mine === turn.current) loading.value = false;
    }
  });
  const reload = useRef(() => load.current().catch(() => undefined));

  const shown = useRef(path);
  useEffect(() => {
    if (shown.current !== path) data.value = null;
    shown.current = path;
    void reload.current();
    return () => {
      turn.current += 1;
    };
  }, [asked]);

  const polled = options.every !== undefined && path !== null;
  useEffect(() => {
    if (!polled) return;
    const interval = () => {
      const every = latest.current.options.every;
      return typeof every === "function" ? every(data.value) : (every ?? null);
    };
    return scheduler.every(asked, interval, () => load.current());
  }, [asked, polled]);

  return { data, problem, loading, etag, reload: reload.current };
}
