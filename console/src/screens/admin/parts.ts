/** A draft part by part: what differs between two, which keys came and went, and three put together. */
import { DEFAULT, type Draft, type Variant } from "./draft";

/** Where a part stands: `identifier`, `status`, or a language and `title`, `html` or `text`. */
export interface Place {
  tag: string | null;
  part: "identifier" | "status" | "syntax" | "title" | "html" | "text";
}

/** A part that is not the same in two drafts; null where a draft has none. */
export interface Change extends Place {
  before: string | null;
  after: string | null;
}

const OF_VARIANT = ["title", "html", "text"] as const;
const OF_DRAFT = ["identifier", "status", "syntax"] as const;

function placesOf(...drafts: Draft[]): Place[] {
  const tags = new Set(drafts.flatMap(({ variants }) => Object.keys(variants)));
  return [
    ...OF_DRAFT.map((part) => ({ tag: null, part })),
    ...[...tags].flatMap((tag) => OF_VARIANT.map((part) => ({ tag, part }))),
  ];
}

/** What stands at a place. */
export function valueAt(draft: Draft, { tag, part }: Place): string | null {
  if (tag === null) return draft[part as (typeof OF_DRAFT)[number]];
  return draft.variants[tag]?.[part as keyof Variant] ?? null;
}

/** The parts that differ. */
export function changes(before: Draft, after: Draft): Change[] {
  return placesOf(before, after)
    .map((place) => ({ ...place, before: valueAt(before, place), after: valueAt(after, place) }))
    .filter((change) => change.before !== change.after);
}

const KEY = /\$\{([A-Z][A-Z0-9_]*)\}|\{[{%][^}%]*?\b([A-Z][A-Z0-9_]+)\b/g;

/** The keys that a draft uses. */
export function keysOf(draft: Draft): Set<string> {
  const texts = Object.values(draft.variants).flatMap(({ title, html, text }) => [title, html, text ?? ""]);
  return new Set(texts.flatMap((text) => [...text.matchAll(KEY)].map((found) => found[1] ?? found[2] ?? "")));
}

/** What two people made of one draft, put together. */
export interface Merged {
  /** Each part as it was changed; where both changed it, as `mine` has it. */
  result: Draft;
  /** The parts that both changed, each in its own way. */
  conflicts: Place[];
}

/** Puts together what became of `base` in two hands. */
export function merge(base: Draft, theirs: Draft, mine: Draft): Merged {
  const conflicts: Place[] = [];
  let result: Draft = { ...theirs, variants: {} };
  for (const tag of new Set([...Object.keys(theirs.variants), ...Object.keys(mine.variants)])) {
    const gone = [theirs, mine].some((side) => !side.variants[tag]) && base.variants[tag];
    const kept = theirs.variants[tag] ?? mine.variants[tag];
    const untouched = OF_VARIANT.every((part) => kept?.[part] === base.variants[tag]?.[part]);
    // A language that one side removed goes, unless the other side wrote in it.
    if (kept && (tag === DEFAULT || !gone || !untouched)) result.variants[tag] = { ...kept };
  }
  for (const place of placesOf(result)) {
    const [was, here, there] = [base, mine, theirs].map((draft) => valueAt(draft, place));
    const present = place.tag === null || (mine.variants[place.tag] && theirs.variants[place.tag]);
    if (!present || here === there || here === was) continue;
    if (there !== was) conflicts.push(place);
    result = withPart(result, place, here ?? null);
  }
  return { result, conflicts };
}

/** The draft with another text at a place. */
export function withPart(draft: Draft, { tag, part }: Place, value: string | null): Draft {
  if (tag === null) return { ...draft, [part]: value ?? "" };
  const variant = draft.variants[tag] ?? { title: "", html: "", text: null };
  const text = part === "text" ? value : (value ?? "");
  return { ...draft, variants: { ...draft.variants, [tag]: { ...variant, [part]: text } } };
}
