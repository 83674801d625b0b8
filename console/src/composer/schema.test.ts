import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "prosemirror-model";
import { addressOf, docOf, isPlain, schema, textOf } from "./schema";

const p = (...content: Node[]) => schema.node("paragraph", null, content);
const t = (text: string, mark?: string) => schema.text(text, mark ? [schema.mark(mark)] : []);
const doc = (...blocks: Node[]) => schema.node("doc", null, blocks);

test("a text survives the way into the editor and out of it", () => {
  for (const text of ["", "a", "a\nb", "a\n\nb", "a\n\n\nb\n", "\n\n", "  a  b\t", "<b>&amp;</b>", "\u202eabc"]) {
    assert.equal(textOf(docOf(text)), text, JSON.stringify(text));
    assert.equal(isPlain(docOf(text)), true);
  }
  assert.equal(textOf(docOf("a\r\nb\rc")), "a\nb\nc");
});

test("marks and lists make it more than text", () => {
  assert.equal(isPlain(doc(p(t("a"), schema.node("hard_break"), t("b")))), true);
  assert.equal(isPlain(doc(p(t("a", "strong")))), false);
  assert.equal(isPlain(doc(schema.node("blockquote", null, [p(t("a"))]))), false);
});

test("lists and quotations can be read as text", () => {
  const item = (text: string, ...more: Node[]) => schema.node("list_item", null, [p(t(text)), ...more]);
  const inner = schema.node("bullet_list", null, [item("c")]);
  const list = schema.node("ordered_list", { order: 3 }, [item("a"), item("b", inner)]);
  const quote = schema.node("blockquote", null, [p(t("d")), p(t("e"))]);
  assert.equal(textOf(doc(p(t("x")), list, quote)), "x\n\n3. a\n4. b\n   - c\n\n> d\n>\n> e");
});

test("a link leads to the web, a mailbox or a telephone, and nowhere else", () => {
  assert.equal(addressOf(" https://example.com/a?b "), "https://example.com/a?b");
  assert.equal(addressOf("example.com/a"), "https://example.com/a");
  assert.equal(addressOf("maria@example.com"), "mailto:maria@example.com");
  assert.equal(addressOf("tel:+551199"), "tel:+551199");
  for (const bad of ["", "javascript:alert(1)", "data:text/html,x", "file:///etc", "só texto", "//example.com"])
    assert.equal(addressOf(bad), null, bad);
});
