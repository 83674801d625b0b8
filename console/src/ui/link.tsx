import type { ComponentChildren } from "preact";
import { address, go, path } from "../router";

/** A link to a path below `/app`, followed without loading the page again. */
export function Link(props: {
  to: string;
  children: ComponentChildren;
  class?: string;
  label?: string;
  /** It is part of the navigation: it says where one is. */
  nav?: boolean;
  /** Exactly this link is the chosen one of a list. */
  current?: boolean;
}) {
  const here = props.nav && (path.value === props.to || path.value.startsWith(`${props.to}/`));
  return (
    <a
      href={address(props.to)}
      class={props.class}
      aria-label={props.label}
      aria-current={here ? "page" : props.current ? "true" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        go(props.to);
      }}
    >
      {props.children}
    </a>
  );
}
