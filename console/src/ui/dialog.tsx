import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../words";
import { Button } from "./button";

/** A modal dialog: it keeps the focus, and gives it back when it closes. */
export function Dialog(props: {
  title: string;
  children: ComponentChildren;
  /** Buttons at its end. */
  actions?: ComponentChildren;
  onClose: () => void;
  /** It cannot be closed without an answer. */
  firm?: boolean;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const id = useId();
  // Without a mouse one scrolls what has the focus: a long text without anything to press gets it itself.
  useEffect(() => {
    const it = body.current;
    if (!it) return;
    const still = it.scrollHeight > it.clientHeight && !it.querySelector("a, button, input, select, textarea, iframe");
    if (still) it.tabIndex = 0;
    else it.removeAttribute("tabindex");
  });
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!props.firm) props.onClose();
      }}
      // A browser closes it at a second Esc without asking; it goes away only with what shows it.
      onClose={() => {
        if (!props.firm) props.onClose();
        dialog.current?.showModal();
      }}
    >
      <header>
        <h2 id={id}>{props.title}</h2>
        {!props.firm && <Button kind="quiet" icon="cross" label={words.value.close} onClick={props.onClose} />}
      </header>
      <div class="dialog-body" ref={body}>
        {props.children}
      </div>
      {props.actions && <footer>{props.actions}</footer>}
    </dialog>
  );
}

/** Asks before something that cannot be undone, or that many notice. */
export function Confirm(props: {
  title: string;
  /** What will happen. */
  detail: string;
  /** The word on the button that does it. */
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button kind="danger" onClick={props.onConfirm}>
            {props.action}
          </Button>
        </>
      }
    >
      <p>{props.detail}</p>
    </Dialog>
  );
}
