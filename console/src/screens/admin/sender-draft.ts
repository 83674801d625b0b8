/** Who mail of a contract is from, while it is written: kept in this browser until it is saved. */
import type { Schema } from "../../base";
import { Place } from "./kept";

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

const NAMES = ["contract", ...VALUES] as const;
/** Whether two say the same. */
export function same(one: Fields, other: Fields): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

/** Where they are kept while they are written. */
export function placeOf(contract: string): Place<Fields> {
  return new Place("sender", contract, (found) =>
    NAMES.every((name) => typeof (found as Partial<Fields> | undefined)?.[name] === "string"),
  );
}
