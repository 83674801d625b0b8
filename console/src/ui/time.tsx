import { signal } from "@preact/signals";
import { ago, dateTime, exactTime } from "../words/format";

/** The minute that it is: relative times follow it. */
export const minute = signal(Date.now());
if (typeof document !== "undefined") setInterval(() => (minute.value = Date.now()), 30_000);

/** A time: how long ago, or the date; the exact time with its zone on hover. */
export function Time({ at, relative }: { at: string; relative?: boolean }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relative ? ago(at, Math.max(minute.value, Date.now())) : dateTime(at)}
    </time>
  );
}
