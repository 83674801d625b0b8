/** Tabs (APG): arrows move between them, and each shows its panel. */
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export function Tabs<T extends string>(props: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  tabs: { value: T; name: ComponentChildren }[];
  /** Beside the tabs. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = useId();
  const bar = useRef<HTMLDivElement>(null);
  const at = props.tabs.findIndex(({ value }) => value === props.value);
  const move = (to: number) => {
    const next = props.tabs[(to + props.tabs.length) % props.tabs.length];
    if (!next) return;
    props.onChange(next.value);
    bar.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(next.value)}"]`)?.focus();
  };
  const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  return (
    <div class="tabbed">
      <div class="tab-bar">
        <div
          role="tablist"
          aria-label={props.label}
          ref={bar}
          onKeyDown={(event) => {
            const to = steps[event.key];
            if (to === undefined) return;
            event.preventDefault();
            move(to);
          }}
        >
          {props.tabs.map(({ value, name }) => (
            <button
              type="button"
              role="tab"
              key={value}
              id={`${id}${value}`}
              data-tab={value}
              aria-selected={value === props.value}
              aria-controls={`${id}panel`}
              tabIndex={value === props.value ? 0 : -1}
              onClick={() => props.onChange(value)}
            >
              {name}
            </button>
          ))}
        </div>
        {props.actions}
      </div>
      <div role="tabpanel" id={`${id}panel`} aria-labelledby={`${id}${props.value}`} class="stack">
        {props.children}
      </div>
    </div>
  );
}
