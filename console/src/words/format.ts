/** Dates, times, numbers and lists in the person's language and zone. */
import { computed, signal } from "@preact/signals";
import { config } from "../settings";
import { language, words } from ".";

/** The zone that the person chose; null takes the browser's. */
export const chosenZone = signal<string | null>(null);

/** The zone, where the browser knows it. */
export function usableZone(name: string | null | undefined): string | null {
  try {
    return name ? new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone : null;
  } catch {
    return null;
  }
}

/** The zone in which times are shown. */
export const zone = computed(
  () => usableZone(chosenZone.value) ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? config.value.time_zone,
);

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${zone.value} ${JSON.stringify(options)}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language.value, { ...options, timeZone: zone.value });
    cache.set(key, found);
  }
  return found;
}

/** Date and time, to the minute. */
export const dateTime = (at: string | number) => show(at, { dateStyle: "short", timeStyle: "short" });
/** Date and time in full, with the zone. */
export const exactTime = (at: string | number) => show(at, { dateStyle: "full", timeStyle: "long" });
/** Hours, minutes. */
export const clock = (at: string | number) => show(at, { timeStyle: "short" });
/** Hours, minutes, seconds. */
export const clockExact = (at: string | number) => show(at, { timeStyle: "medium" });
/** The day alone. */
export const day = (at: string | number) => show(at, { dateStyle: "short" });
/** The day in words. */
export const longDay = (at: string | number) => show(at, { day: "numeric", month: "long" });

function show(at: string | number, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : formatter(options).format(date);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** How long ago: `há 4 min`, `ontem`; the date when that is more than a week. */
export function ago(at: string | number, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return String(at);
  if (Math.abs(seconds) < 45) return words.value.now;
  if (Math.abs(seconds) > 7 * 86_400) return day(at);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  const relative = new Intl.RelativeTimeFormat(language.value, { numeric: "auto", style: "short" });
  return relative.format(Math.round(seconds / size), unit);
}

/** A size of bytes. */
export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let at = 0;
  let shown = size;
  while (shown >= 1000 && at < units.length - 1) {
    shown /= 1000;
    at += 1;
  }
  const options = { style: "unit", unit: units[at] ?? "byte", unitDisplay: at ? "short" : "long" } as const;
  return new Intl.NumberFormat(language.value, { ...options, maximumFractionDigits: 1 }).format(shown);
}

/** A whole or decimal number. */
export const number = (value: number) => new Intl.NumberFormat(language.value).format(value);

/** `a, b e c`. */
export const list = (items: string[]) => new Intl.ListFormat(language.value).format(items);

/** The form for `count` of a word. */
export function plural(count: number, forms: { one: string; other: string }): string {
  const rule = new Intl.PluralRules(language.value).select(count);
  return (rule === "one" ? forms.one : forms.other).replace("#", number(count));
}
