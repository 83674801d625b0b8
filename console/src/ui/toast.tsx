import { signal } from "@preact/signals";
import { words } from "../words";
import { Button } from "./button";

interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void } | undefined;
}

const toasts = signal<Toast[]>([]);
let last = 0;

/** Says in a corner what was done; the state itself must also stand in the page. */
export function say(text: string, action?: Toast["action"], ms = 6000): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.slice(-2), { id, text, action }];
  setTimeout(() => dismiss(id), ms);
}

const dismiss = (id: number) => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

/** Announces something to screen readers alone. */
export const announced = signal("");
export function announce(text: string): void {
  // The same text again is a change only when it was away between.
  announced.value = "";
  setTimeout(() => {
    announced.value = text;
  }, 50);
}

/** Where they are shown. */
export function Toasts() {
  return (
    <>
      <div class="toasts" role="status" aria-live="polite">
        {toasts.value.map((toast) => (
          <div class="toast" key={toast.id}>
            <span>{toast.text}</span>
            {toast.action && (
              <Button
                kind="quiet"
                onClick={() => {
                  toast.action?.run();
                  dismiss(toast.id);
                }}
              >
                {toast.action.label}
              </Button>
            )}
            <Button kind="quiet" icon="cross" label={words.value.close} onClick={() => dismiss(toast.id)} />
          </div>
        ))}
      </div>
      <div class="hidden" aria-live="polite">
        {announced.value}
      </div>
    </>
  );
}
