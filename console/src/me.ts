/** The signed-in person as the API sees them: what they may do, and whether mail leaves. */
import { effect, signal } from "@preact/signals";
import { asProblem, get, type Problem } from "./api/client";
import { scheduler } from "./api/poll";
import type { Me } from "./api/types";
import { markPerson } from "./auth/person-mark";
import { claims, ROLES, type Role } from "./auth/session";
import { go } from "./router";
import { config, stored } from "./settings";
import { chosenLanguage, language, showLanguage } from "./words";
import { chosenZone } from "./words/format";

/** What `GET /me` answers; null until it has. */
export const me = signal<Me | null>(null);
/** Why it could not be asked. */
export const meProblem = signal<Problem | null>(null);

/** The role whose screens are shown. */
export const role = signal<Role | null>(null);

const KEPT = "mensageria.role";

/** The roles of the person that have screens. */
export function rolesOf(person: Me): Role[] {
  return ROLES.filter((name) => person.roles.includes(name));
}

/** Shows the screens of another role. */
export function showRole(next: Role): void {
  sessionStorage.setItem(KEPT, next);
  role.value = next;
  go(HOMES[next]);
}

/** The first screen of each role. */
export const HOMES: Record<Role, string> = { requester: "/solicitacoes", technician: "/chamados", admin: "/inicio" };

/** Asks who is signed in. */
export async function loadMe(): Promise<void> {
  try {
    const person = await get<Me>("/me");
    me.value = person;
    void markPerson(person.email ?? "");
    void followWishes(person.preferences);
    meProblem.value = null;
    const roles = rolesOf(person);
    const kept = roles.find((name) => name === sessionStorage.getItem(KEPT));
    if (!role.value || !roles.includes(role.value)) role.value = kept ?? roles.at(-1) ?? null;
  } catch (error) {
    meProblem.value = asProblem(error);
    throw error;
  }
}

/** Shows the person's language, where this browser keeps none, and their time zone. */
async function followWishes(wishes: Me["preferences"]): Promise<void> {
  chosenZone.value = wishes.time_zone ?? null;
  if (stored("language")) return;
  const wished = chosenLanguage([wishes.locale, ...navigator.languages, config.value.locale]);
  if (wished !== language.value) await showLanguage(wished);
}

/** How often is asked whether mail leaves, in milliseconds. */
const EVERY = 60_000;

/** Follows the session: another person is another `me`. */
export function followMe(): () => void {
  let shown: string | null = null;
  const stop = scheduler.every("me", () => (me.value ? EVERY : null), loadMe);
  const end = effect(() => {
    const sub = claims.value?.sub ?? null;
    if (sub === shown) return;
    shown = sub;
    me.value = null;
    role.value = null;
    chosenZone.value = null;
    if (sub === null) void markPerson(null);
    else void loadMe().catch(() => undefined);
  });
  return () => {
    stop();
    end();
  };
}
