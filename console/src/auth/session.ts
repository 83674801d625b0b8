/** Who is signed in. The token is in memory; what renews it is kept for this tab alone. */
import { computed, signal } from "@preact/signals";
import { config } from "../settings";

/** A signed-in person's token. */
export interface Session {
  token: string;
  /** When the token ends, in milliseconds. */
  expires: number;
}

/** What the token says of the person; the API decides by the same claims. */
export interface Claims {
  sub: string;
  email: string | null;
  name: string;
  roles: Role[];
  groups: string[];
}

/** The roles that have screens. */
export type Role = "requester" | "technician" | "admin";
export const ROLES: Role[] = ["requester", "technician", "admin"];

/** The session; null when nobody is signed in. */
export const session = signal<Session | null>(null);

/** Whether a session ended under the person's hands: what they typed stays, and they sign in over it. */
export const ended = signal(false);

/** What renews the token; the way of signing in sets it. */
type Renewal = () => Promise<Session | null>;
let renewal: Renewal = async () => null;
let underWay: Promise<string | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** How long before its end a token is renewed, in milliseconds. */
const EARLY = 120_000;

/** Takes a session, and renews it before it ends. */
export function begin(next: Session, how: Renewal): void {
  renewal = how;
  session.value = next;
  ended.value = false;
  clearTimeout(timer);
  // A longer wait than this overflows a browser's timer.
  const wait = Math.min(next.expires - Date.now() - EARLY, 2 ** 31 - 1);
  if (wait > 0) timer = setTimeout(() => void renew(), wait);
}

/** Renews the token once for all calls that ask meanwhile; null when that is not possible. */
export function renew(): Promise<string | null> {
  if (underWay) return underWay;
  const how = renewal;
  const mine = how()
    .then((next) => {
      // Somebody signed out, or in, meanwhile: this session is over.
      if (!next || renewal !== how) return null;
      begin(next, how);
      return next.token;
    })
    .catch(() => null)
    .finally(() => {
      if (underWay === mine) underWay = null;
    });
  underWay = mine;
  return mine;
}

/** Says that the session ended; the person is asked to sign in where they are. */
export function sessionEnded(): void {
  if (session.value) ended.value = true;
}

/** Forgets the session. */
export function forget(): void {
  clearTimeout(timer);
  renewal = async () => null;
  underWay = null;
  session.value = null;
  ended.value = false;
}

/** The payload of a token, without any check: the server checks. */
export function payloadOf(token: string): Record<string, unknown> {
  try {
    const text = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What a token says of the person. */
export function claimsOf(token: string): Claims {
  const payload = payloadOf(token);
  const text = (name: string) => (typeof payload[name] === "string" ? (payload[name] as string) : "");
  const listed = payload["cognito:groups"] ?? payload["groups"];
  const all = Array.isArray(listed) ? listed.map(String) : typeof listed === "string" ? listed.split(/[\s,]+/) : [];
  return {
    sub: text("sub"),
    email: text("email") || null,
    name: text("name") || text("email") || text("sub"),
    roles: ROLES.filter((role) => all.includes(role)),
    groups: all.filter((group) => !ROLES.some((role) => role === group) && group !== "integration"),
  };
}

/** Who is signed in, as their token says. */
export const claims = computed<Claims | null>(() => (session.value ? claimsOf(session.value.token) : null));

/** When a token ends, in milliseconds. */
export function expiryOf(token: string): number {
  const exp = payloadOf(token)["exp"];
  return typeof exp === "number" ? exp * 1000 : Date.now() + 3_600_000;
}

/** Continues the session of this tab after a reload, or the answer of the identity provider. */
export async function restore(): Promise<void> {
  if (config.value.login.kind === "local") (await import("./local")).restore();
  else await (await loadOidc()).restore();
}

/** The way to sign in by OpenID Connect, loaded when it is used. */
export function loadOidc(): Promise<typeof import("./oidc")> {
  return import("./oidc.js");
}

/** Ends the session, here and at the identity provider. */
export async function signOut(): Promise<void> {
  if (config.value.login.kind === "local") {
    (await import("./local")).signOut();
    return;
  }
  await (await loadOidc()).signOut();
}
