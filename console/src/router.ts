/** Addresses below `/app`: the state of a screen is in its address. */
import { computed, signal } from "@preact/signals";

const BASE = "/app";

/** Where the application is. */
export interface Place {
  /** Path below `/app`, with a slash at its start. */
  path: string;
  query: URLSearchParams;
  /** What stands behind `#`. */
  hash: string;
}

/** The place that an address is. */
export function placeOf(location: { pathname: string; search: string; hash: string }): Place {
  const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : location.pathname;
  return {
    path: `/${path.replace(/^\/+|\/+$/g, "")}`,
    query: new URLSearchParams(location.search),
    hash: decode(location.hash.slice(1)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const current = () => (typeof location === "undefined" ? { pathname: BASE, search: "", hash: "" } : location);

/** Where the application is now. */
export const place = signal<Place>(placeOf(current()));

/** The path alone: changes of query and hash do not change it. */
export const path = computed(() => place.value.path);

/** The address of a path below `/app`. */
export function address(to: string): string {
  return BASE + (to.startsWith("/") ? to : `/${to}`);
}

/** Where to go after signing in: where the person wanted to be. */
export function wanted(): string {
  const { path, query, hash } = place.value;
  if (path.startsWith("/entrar")) return "/";
  return path + (query.size ? `?${query}` : "") + (hash ? `#${hash}` : "");
}

/** Says whether one may leave; false keeps the person where they are. */
type Guard = () => boolean;
const guards = new Set<Guard>();

/** Asks `guard` before the screen changes. Returns what takes it away. */
export function guardLeaving(guard: Guard): () => void {
  guards.add(guard);
  return () => guards.delete(guard);
}

/** Goes to a path below `/app`, with query and hash. */
export function go(to: string, how: { replace?: boolean } = {}): void {
  const leaves = new URL(address(to), location.origin).pathname !== location.pathname;
  if (leaves && ![...guards].every((guard) => guard())) return;
  if (how.replace) history.replaceState(null, "", address(to));
  else history.pushState(null, "", address(to));
  place.value = placeOf(location);
}

/** Changes parameters of the address where one is; null takes one away. */
export function setQuery(changes: Record<string, string | null>, how: { replace?: boolean } = { replace: true }): void {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(place.value.path + (text ? `?${text}` : "") + (place.value.hash ? `#${place.value.hash}` : ""), how);
}

/** Follows *back* and *forward*. */
export function followHistory(): void {
  let shown = location.href;
  addEventListener("popstate", () => {
    const leaves = new URL(shown).pathname !== location.pathname;
    if (leaves && ![...guards].every((guard) => guard())) {
      history.pushState(null, "", shown);
      return;
    }
    shown = location.href;
    place.value = placeOf(location);
  });
  place.subscribe(() => {
    shown = location.href;
  });
}

/** The parts of `path` that `pattern` (`/chamados/:id`) names, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const found = path.split("/");
  if (wanted.length !== found.length) return null;
  const parts: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = found[index] ?? "";
    if (part.startsWith(":")) parts[part.slice(1)] = decode(value);
    else if (part !== value) return null;
  }
  return parts;
}
