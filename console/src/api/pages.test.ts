import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPages } from "./pages";

/** A list of these pages, and the cursors it was asked for. */
function listOf(...pages: string[][]) {
  const asked: (string | null)[] = [];
  const read = async (cursor: string | null) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { items: (pages[at] ?? []).map((id) => ({ id })), next_cursor: at + 1 < pages.length ? `${at + 1}` : null };
  };
  return { asked, read };
}
const ids = (found: { rows: { id: string }[] }) => found.rows.map(({ id }) => id).join("");

test("as many pages are read as are shown, and what moved between two is there once", async () => {
  const list = listOf(["a", "b"], ["b", "c"], ["d"]);
  const found = await firstPages(list.read, () => 2);
  assert.equal(ids(found), "abc");
  assert.equal(found.cursor, "2");
  assert.deepEqual(list.asked, [null, "1"]);
});

test("a list that became shorter ends where it ends", async () => {
  const list = listOf(["a"]);
  assert.deepEqual(await firstPages(list.read, () => 3), { rows: [{ id: "a" }], cursor: null });
  assert.deepEqual(list.asked, [null]);
});

test("a page that is asked for while the others are read is read with them", async () => {
  const list = listOf(["a"], ["b"], ["c"]);
  let shown = 1;
  const read = (cursor: string | null) => {
    shown = 2;
    return list.read(cursor);
  };
  assert.equal(ids(await firstPages(read, () => shown)), "ab");
});
