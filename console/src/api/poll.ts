/**
 * One scheduler for everything that is asked again: nothing while the tab is hidden, at once when it
 * is seen again, slower after errors, and no earlier than the server says.
 */
import { Problem } from "./client";

/** What time and the tab are; a test has its own. */
export interface Clock {
  now(): number;
  set(act: () => void, ms: number): unknown;
  clear(timer: unknown): void;
  hidden(): boolean;
}

const browser: Clock = {
  now: () => Date.now(),
  set: (act, ms) => setTimeout(act, ms),
  clear: (timer) => clearTimeout(timer as number),
  hidden: () => document.hidden,
};

/** Longest wait after errors, in milliseconds. */
const LONGEST = 300_000;

interface Task {
  run: () => Promise<void>;
  /** Milliseconds between two runs; null stops. */
  interval: () => number | null;
  due: number;
  failures: number;
  running: boolean;
}

/** Runs what is due. */
export class Scheduler {
  private readonly tasks = new Map<string, Task>();
  private timer: unknown = null;

  constructor(private readonly clock: Clock = browser) {}

  /** Runs `run` each time that `interval` is over, one timer for a name. Returns what ends it. */
  every(name: string, interval: () => number | null, run: () => Promise<void>): () => void {
    const task: Task = { run, interval, due: this.clock.now() + (interval() ?? 0), failures: 0, running: false };
    this.tasks.set(name, task);
    this.plan();
    return () => {
      if (this.tasks.get(name) === task) this.tasks.delete(name);
    };
  }

  /** Runs everything that waits now: the tab is seen again, or the network is back. */
  wake(): void {
    for (const task of this.tasks.values()) task.due = Math.min(task.due, this.clock.now());
    this.tick();
  }

  private plan(): void {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    const waiting = [...this.tasks.values()].filter((task) => !task.running && task.interval() !== null);
    if (waiting.length === 0) return;
    const next = Math.min(...waiting.map((task) => task.due));
    this.timer = this.clock.set(() => this.tick(), Math.max(next - this.clock.now(), 0));
  }

  private tick(): void {
    if (this.clock.hidden()) {
      // `wake` goes on when the tab is seen again.
      if (this.timer !== null) this.clock.clear(this.timer);
      this.timer = null;
      return;
    }
    for (const task of this.tasks.values()) {
      if (!task.running && task.due <= this.clock.now() && task.interval() !== null) void this.once(task);
    }
    this.plan();
  }

  private async once(task: Task): Promise<void> {
    task.running = true;
    let wait = task.interval() ?? 0;
    try {
      await task.run();
      task.failures = 0;
      wait = task.interval() ?? 0;
    } catch (error) {
      task.failures += 1;
      wait = Math.min(wait * 2 ** task.failures, LONGEST);
      if (error instanceof Problem && error.retryAfter !== null) wait = Math.max(wait, error.retryAfter * 1000);
    }
    task.running = false;
    task.due = this.clock.now() + wait;
    this.plan();
  }
}

/** The scheduler of this tab. */
export const scheduler = new Scheduler();

/** Wakes the scheduler when the tab is seen or the network is there again. */
export function followVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) scheduler.wake();
  });
  addEventListener("online", () => scheduler.wake());
}
