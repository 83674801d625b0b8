import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutStyles } from "./inert";

test("styles of elements become data, however they are written", () => {
  assert.equal(withoutStyles('<p style="color:red">a</p>'), '<p data-style="color:red">a</p>');
  assert.equal(withoutStyles("<P CLASS=x\nSTYLE = 'a>b'>a</P>"), "<P CLASS=x\ndata-style = 'a>b'>a</P>");
  assert.equal(withoutStyles('<p title="x"style=a>'), '<p title="x"data-style=a>');
  assert.equal(withoutStyles("<p/style=a>"), "<p/data-style=a>");
});

test("what people write about styles stays as it is", () => {
  const text = "<p>use style=x and a &lt; style=y</p> 1 < 2 style=z";
  assert.equal(withoutStyles(text), text);
  assert.equal(withoutStyles('<p data-style="x">'), '<p data-style="x">');
});

test("style sheets go whole, also one that is not closed", () => {
  assert.equal(withoutStyles("a<style>p{color:red}</style >b"), "ab");
  assert.equal(withoutStyles("a<STYLE media=x>p{"), "a");
});
