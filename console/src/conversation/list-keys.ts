/** `j` and `k` move through the links of a list; Enter opens, as on every link. */
import { useRef } from "preact/hooks";
import { useHotkeys } from "../base";

/** Give it to the element that has the list. */
export function useListKeys() {
  const list = useRef<HTMLElement | null>(null);
  const move = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[class$='-link']") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
  };
  useHotkeys({ j: () => move(1), k: () => move(-1) });
  return (element: HTMLElement | null) => {
    list.current = element;
  };
}
