import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { path } from "../router";
import { words } from "../words";

/** A count before the title of the tab: `(2) Chamados`. */
function titled(title: string, count: number): string {
  const product = words.value.product;
  return `${count ? `(${count}) ` : ""}${title} · ${product}`;
}

/** A screen: one heading, which gets the focus when the screen changes, and its content. */
export function Screen(props: {
  title: string;
  /** What stands in the heading, when that is more than the title. */
  heading?: ComponentChildren;
  before?: ComponentChildren;
  actions?: ComponentChildren;
  /** What is new here, in the title of the tab. */
  count?: number;
  class?: string;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const count = props.count ?? 0;
  useEffect(() => {
    document.title = titled(props.title, count);
  }, [props.title, count]);
  useEffect(() => {
    if (shown !== null && shown !== path.value) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    shown = path.value;
  }, []);
  return (
    <div class={`screen ${props.class ?? ""}`}>
      <div class="screen-head">
        {props.before}
        <h1 tabIndex={-1} ref={heading}>
          {props.heading ?? props.title}
        </h1>
        {props.actions && <div class="screen-actions">{props.actions}</div>}
      </div>
      {props.children}
    </div>
  );
}

let shown: string | null = null;
