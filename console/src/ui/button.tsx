import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

/** Properties of a button. */
export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "type" | "label"> {
  children?: ComponentChildren;
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconName;
  /** Says what a button without words does. */
  label?: string;
  /** Something is under way: it cannot be pressed, and keeps the focus. */
  busy?: boolean;
  disabled?: boolean;
  type?: "button" | "submit";
}

/** A button. */
export function Button({ children, kind = "plain", icon, label, busy, onClick, type, ...rest }: ButtonProps) {
  return (
    <button
      type={type ?? "button"}
      {...rest}
      class={`button ${kind} ${children ? "" : "bare"} ${rest.class ?? ""}`}
      aria-label={label ?? rest["aria-label"]}
      title={children ? undefined : label}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
