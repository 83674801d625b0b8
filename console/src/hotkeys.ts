/** Single keys that do something, where no one types. */
import { useEffect, useRef } from "preact/hooks";
import { shortcutsOn } from "./settings";

/** A key as it is pressed: `j`, `?`, or two in a row, `g c`. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

const layers: { current: Keys }[] = [];
let first = "";
let pressedAt = 0;

/** Whether keys belong to the thing that has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function press(event: KeyboardEvent): void {
  if (!shortcutsOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  // The editor of templates is in a shadow root: out here its host is the target.
  if (isTyping(event.composedPath()[0] ?? null) || document.querySelector("dialog[open]")) return;
  const pair = event.timeStamp - pressedAt < 1000 ? `${first} ${event.key}` : "";
  for (const keys of [...layers].reverse()) {
    const act = keys.current[pair] ?? keys.current[event.key];
    if (act) {
      first = "";
      event.preventDefault();
      act(event);
      return;
    }
  }
  first = event.key;
  pressedAt = event.timeStamp;
}

/** These keys, while the component is shown. Those of the last one shown win. */
export function useHotkeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (layers.length === 0) document.addEventListener("keydown", press);
    layers.push(current);
    return () => {
      layers.splice(layers.indexOf(current), 1);
      if (layers.length === 0) document.removeEventListener("keydown", press);
    };
  }, []);
}
