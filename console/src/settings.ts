/** What this browser keeps about how the console looks and behaves: language, theme, shortcuts. */
import { effect, signal } from "@preact/signals";

/** What `config.json` says. */
export interface Config {
  version: string;
  login: { kind: "local" } | { kind: "oidc"; issuer: string; client_id: string; scopes: string };
  locale: string;
  time_zone: string;
  outbox: boolean;
}

/** The server's configuration, there before anything is shown. */
export const config = signal<Config>({
  version: "",
  login: { kind: "local" },
  locale: "pt-BR",
  time_zone: "America/Sao_Paulo",
  outbox: false,
});

/** The theme: that of the system, or one that was chosen. */
export type Theme = "system" | "light" | "dark";

/** A value of `localStorage`; a browser that keeps nothing gives the usual one. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(`mensageria.${name}`);
  } catch {
    return null;
  }
}

/** Keeps a value in `localStorage`; null takes it away. Says whether it is kept. */
export function store(name: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(`mensageria.${name}`);
    else localStorage.setItem(`mensageria.${name}`, value);
    return true;
  } catch {
    return false;
  }
}

/** How long the draft of a message is kept, in milliseconds. */
export const DRAFTS_LAST = 30 * 86_400_000;

/** Takes away the drafts of messages that are too old to be shown, whoever wrote them. */
export function forgetOldDrafts(): void {
  const isOld = (draft: string | null) => {
    try {
      const at: unknown = JSON.parse(draft ?? "null")?.at;
      return typeof at !== "number" || Date.now() - at >= DRAFTS_LAST;
    } catch {
      return true;
    }
  };
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("mensageria.draft.") && isOld(localStorage.getItem(key))) localStorage.removeItem(key);
    }
  } catch {
    // A browser that keeps nothing has nothing old.
  }
}

const THEMES: Theme[] = ["system", "light", "dark"];

/** The theme that was chosen. */
export const theme = signal<Theme>(THEMES.find((name) => name === stored("theme")) ?? "system");

/** Whether single keys are shortcuts (WCAG 2.1.4: they can be turned off). */
export const shortcutsOn = signal(stored("shortcuts") !== "off");

/** Whether messages are written in plain text, without the editor. */
export const plainText = signal(stored("composer") === "plain");

/** Keeps what is chosen, and shows the theme. */
export function followSettings(): void {
  effect(() => {
    const chosen = theme.value;
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    store("theme", chosen === "system" ? null : chosen);
  });
  effect(() => {
    store("shortcuts", shortcutsOn.value ? null : "off");
    store("composer", plainText.value ? "plain" : null);
  });
}
