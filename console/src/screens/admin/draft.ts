/** A template while it is written: kept in this browser until it is published. */
import type { Schema } from "../../base";
import { Place } from "./kept";

export type Stored = Schema<"Template">;

/** One language of a template. */
export interface Variant {
  title: string;
  html: string;
  text: string | null;
}

/** What is written; the variant of `default` is the template's own language. */
export interface Draft {
  identifier: string;
  status: "active" | "inactive";
  syntax: "keys" | "tera";
  variants: Record<string, Variant>;
}

/** The name of the tab of the template's own language. */
export const DEFAULT = "default";

export const EMPTY: Draft = {
  identifier: "",
  status: "active",
  syntax: "keys",
  variants: { [DEFAULT]: { title: "", html: "", text: null } },
};

/** What of a template is written: a stored one, a version of it, or a starter. */
type Written = Pick<Schema<"Draft">, "identifier" | "title" | "html"> & Partial<Schema<"Draft">>;

/** The draft of what is stored. */
export function draftOf(template: Written): Draft {
  const variants: Draft["variants"] = {
    [DEFAULT]: { title: template.title, html: template.html, text: template.text ?? null },
  };
  for (const [tag, variant] of Object.entries(template.locales ?? {})) {
    variants[tag] = { title: variant.title, html: variant.html, text: variant.text ?? null };
  }
  return {
    identifier: template.identifier,
    status: template.status ?? "active",
    syntax: template.syntax ?? "keys",
    variants,
  };
}

function source({ title, html, text }: Variant) {
  return text === null ? { title, html } : { title, html, text };
}

/** The body of POST and PUT. */
export function bodyOf(draft: Draft, comment = ""): Record<string, unknown> {
  const { [DEFAULT]: own, ...others } = draft.variants;
  const locales = Object.fromEntries(Object.entries(others).map(([tag, variant]) => [tag, source(variant)]));
  return {
    ...source(own ?? { title: "", html: "", text: null }),
    identifier: draft.identifier,
    status: draft.status,
    syntax: draft.syntax,
    locales,
    ...(comment && { comment }),
  };
}

/** Puts what was meant where it stands: lines and columns count from 1, in characters. */
export function corrected(text: string, at: { line: number; column: number; length: number }, by: string): string {
  const lines = text.split("\n");
  const line = [...(lines[at.line - 1] ?? "")];
  line.splice(at.column - 1, at.length, by);
  lines[at.line - 1] = line.join("");
  return lines.join("\n");
}

/** The words of an HTML body with its keys, to begin a text body with. */
export function textOf(html: string): string {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  const lines = (body.textContent ?? "").split("\n").map((line) => line.trim());
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Where a draft is kept: `id` is the template's, or says what a new one begins as. */
export function placeOf(id: string): Place<Draft> {
  return new Place("template", id, (found) => Boolean((found as Draft | undefined)?.variants?.[DEFAULT]));
}
