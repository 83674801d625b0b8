/** Two texts line by line, with what is the same folded away. */
import { diffLines } from "diff";

/** A line, or how many equal ones are folded. */
export type Row = { kind: "same" | "old" | "new"; text: string } | { kind: "fold"; count: number };

/** Equal lines that stay around a change. */
const AROUND = 2;

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** The lines of both, those of `before` first where they differ. */
export function rows(before: string, after: string): Row[] {
  const parts = diffLines(before, after);
  return parts.flatMap((part, index): Row[] => {
    const lines = linesOf(part.value);
    if (part.added) return lines.map((text) => ({ kind: "new", text }));
    if (part.removed) return lines.map((text) => ({ kind: "old", text }));
    const same = lines.map((text): Row => ({ kind: "same", text }));
    const head = index === 0 ? 0 : AROUND;
    const tail = index === parts.length - 1 ? 0 : AROUND;
    const count = same.length - head - tail;
    if (count < 2) return same;
    return [...same.slice(0, head), { kind: "fold", count }, ...same.slice(same.length - tail)];
  });
}
