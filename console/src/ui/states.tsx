import type { ComponentChildren } from "preact";
import type { Problem } from "../api/client";
import { words } from "../words";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

/** Nothing to show, and what to do about it. */
export function Empty(props: { title: string; detail?: string; icon?: IconName; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon ?? "inbox"} />
      <p class="empty-title">{props.title}</p>
      {props.detail && <p>{props.detail}</p>}
      {props.children}
    </div>
  );
}

/** Something comes: rows of grey that keep the layout. */
export function Loading({ rows = 4 }: { rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">{words.value.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div class="skeleton" key={row} />
      ))}
    </div>
  );
}

/** Why something could not be shown or done, and a button that tries again. */
export function Failure(props: { problem: Problem; onRetry?: (() => void) | undefined; small?: boolean }) {
  const { problem } = props;
  return (
    <div class={props.small ? "failure small" : "failure"} role="alert">
      <Icon name="alert" />
      <div>
        {problem.title && <p class="failure-title">{problem.title}</p>}
        {problem.message !== problem.title && <p>{problem.message}</p>}
        {problem.errors.length > 0 && (
          <ul>
            {problem.errors.map((finding) => (
              <li key={`${finding.code}${finding.field}${finding.message}`}>{finding.message}</li>
            ))}
          </ul>
        )}
        {problem.requestId && <p class="faint">{words.value.requestId(problem.requestId)}</p>}
        {props.onRetry && <Button onClick={props.onRetry}>{words.value.tryAgain}</Button>}
      </div>
    </div>
  );
}

/** A short word in a coloured box, with a sign; the tone alone says nothing. */
export function Badge(props: {
  tone?: "grey" | "green" | "amber" | "red" | "blue";
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <span class={`badge ${props.tone ?? "grey"}`}>
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </span>
  );
}

/** A bar across the page that says how things stand. */
export function Notice(props: {
  tone: "amber" | "red" | "blue";
  icon?: IconName;
  children: ComponentChildren;
  role?: "status" | "alert";
}) {
  return (
    <div class={`notice ${props.tone}`} role={props.role}>
      <Icon name={props.icon ?? "alert"} />
      <div>{props.children}</div>
    </div>
  );
}
