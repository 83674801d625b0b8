import assert from "node:assert/strict";
import { test } from "node:test";
import { rows } from "./diff";

const shown = (before: string, after: string) =>
  rows(before, after).map((row) => (row.kind === "fold" ? row.count : `${row.kind} ${row.text}`));

test("lines that went and came stand one after the other", () => {
  assert.deepEqual(shown("a\nb\nc", "a\nx\nc"), ["same a", "old b", "new x", "same c"]);
});

test("what is equal is folded, but for the lines around a change", () => {
  const many = Array.from({ length: 9 }, (_, at) => `l${at}`).join("\n");
  assert.deepEqual(shown(`${many}\nend\n`, `${many}\nEND\n`), [7, "same l7", "same l8", "old end", "new END"]);
  assert.deepEqual(shown(many, many), [9]);
});

test("nothing and a text", () => {
  assert.deepEqual(shown("", "a\n"), ["new a"]);
});
