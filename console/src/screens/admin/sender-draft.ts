/** Who mail of a contract is from, while it is written: kept in this browser until it is saved. */
import { type Schema, store, stored } from "../../base";

/** What is written. */
export interface Fields {
  contract: string;
  from: string;
  reply_domain: string;
  signature: string;
}

/** The fields of an identity that are not its name. */
export const VALUES = ["from", "reply_domain", "signature"] as const;
export type Value = (typeof VALUES)[number];

/** What is stored, as fields; an identity that is not there leaves all of them empty. */
export function fieldsOf(contract: string, identity: Partial<Schema<"Identity">> | null): Fields {
  return {
    contract,
    from: identity?.from ?? "",
    reply_domain: identity?.reply_domain ?? "",
    signature: identity?.signature ?? "",
  };
}

/** The body of PUT; an empty field leaves open what it says. */
export function bodyOf(fields: Fields): Schema<"NewIdentity"> {
  return Object.fromEntries(VALUES.flatMap((name) => (fields[name].trim() ? [[name, fields[name]]] : [])));
}

/** Somebody saved meanwhile: what only they changed is theirs; where both did, what is written stays. */
export function merged(base: Fields, theirs: Fields, mine: Fields): Fields {
  const result = { ...mine };
  for (const name of VALUES) if (mine[name] === base[name]) result[name] = theirs[name];
  return result;
}

/** What is written, and what was stored when it was begun. */
export interface Kept {
  base: Fields;
  fields: Fields;
}

const key = (id: string) => `sender.${id}`;
const NAMES = ["contract", ...VALUES] as const;
const areFields = (found?: Partial<Fields>) => NAMES.every((name) => typeof found?.[name] === "string");

/** Whether two say the same. */
export function same(one: Fields, other: Fields): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

/** Keeps what is written in this browser. */
export function keep(id: string, draft: Kept | null): void {
  store(key(id), draft && JSON.stringify(draft));
}

/** What this browser kept. */
export function kept(id: string): Kept | null {
  try {
    const found = JSON.parse(stored(key(id)) ?? "null") as Kept | null;
    return areFields(found?.base) && areFields(found?.fields) ? found : null;
  } catch {
    return null;
  }
}
