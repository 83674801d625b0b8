import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft } from "./draft";
import { changes, keysOf, merge } from "./parts";

const draft = (html: string, more: Partial<Draft["variants"]> = {}): Draft => ({
  identifier: "a",
  status: "active",
  syntax: "keys",
  variants: { default: { title: "t", html, text: null }, ...more } as Draft["variants"],
});

test("what one side alone changed is taken, from either side", () => {
  const theirs = { ...draft("<p>"), identifier: "b" };
  const { result, conflicts } = merge(draft("<p>"), theirs, draft("<b>"));
  assert.deepEqual(conflicts, []);
  assert.equal(result.identifier, "b");
  assert.equal(result.variants["default"]?.html, "<b>");
});

test("what both changed is a conflict, and mine stands in the result", () => {
  const { result, conflicts } = merge(draft("1"), draft("2"), draft("3"));
  assert.deepEqual(conflicts, [{ tag: "default", part: "html" }]);
  assert.equal(result.variants["default"]?.html, "3");
});

test("both the same is not a conflict", () => {
  assert.deepEqual(merge(draft("1"), draft("2"), draft("2")).conflicts, []);
});

test("a language that one side added stays, and one that a side removed goes unless the other wrote in it", () => {
  const en = { title: "t", html: "en", text: null };
  assert.ok(merge(draft("1"), draft("1", { en }), draft("1")).result.variants["en"]);
  assert.ok(merge(draft("1"), draft("1"), draft("1", { en })).result.variants["en"]);
  assert.equal(merge(draft("1", { en }), draft("1"), draft("1", { en })).result.variants["en"], undefined);
  assert.equal(merge(draft("1", { en }), draft("1", { en }), draft("1")).result.variants["en"], undefined);
  const written = { ...en, html: "more" };
  assert.equal(merge(draft("1", { en }), draft("1"), draft("1", { en: written })).result.variants["en"]?.html, "more");
});

test("a text of one's own that was dropped is dropped", () => {
  const own = { default: { title: "t", html: "1", text: "own" } };
  assert.equal(merge(draft("1", own), draft("1", own), draft("1")).result.variants["default"]?.text, null);
});

test("the parts that differ are named with both texts", () => {
  assert.deepEqual(changes(draft("1"), draft("2")), [{ tag: "default", part: "html", before: "1", after: "2" }]);
});

test("keys are found in both syntaxes", () => {
  const keys = keysOf(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: keys are written so.
    draft("${NOMECONTATO} {{ SERVICO }} {% if CATEGORIA %}{% endif %} {TOKEN(a, ${IDSOLICITACAOSERVICO}, VIEW, 1)} $X"),
  );
  assert.deepEqual([...keys].sort(), ["CATEGORIA", "IDSOLICITACAOSERVICO", "NOMECONTATO", "SERVICO"]);
});
