/** Signing in on one machine: a person of the demo, or any token. */
import { call, get } from "../api/client";
import { begin, expiryOf, forget, type Role } from "./session";

const KEPT = "mensageria.token";

/** A person whom the local server offers. */
export interface LocalPerson {
  /** What `POST /local/sign-in` takes. */
  id: string;
  name: string;
  email?: string | null;
  role: Role | "integration";
}

/** The people whom the local server offers; none beyond this machine. */
export async function people(): Promise<LocalPerson[]> {
  const answer = await get<{ items: LocalPerson[] } | LocalPerson[]>("/local/people");
  return Array.isArray(answer) ? answer : answer.items;
}

/** Signs in as a person of the demo. */
export async function signInAs(person: string): Promise<void> {
  const answer = await call<{ token: string }>("POST", "/local/sign-in", { body: { person } });
  signInWith(answer.body.token);
}

/** Signs in with a token. */
export function signInWith(token: string): void {
  sessionStorage.setItem(KEPT, token);
  begin({ token, expires: expiryOf(token) }, async () => null);
}

/** Continues after a reload. */
export function restore(): void {
  const token = sessionStorage.getItem(KEPT);
  if (token) begin({ token, expires: expiryOf(token) }, async () => null);
}

/** Ends the session. */
export function signOut(): void {
  sessionStorage.removeItem(KEPT);
  forget();
}
