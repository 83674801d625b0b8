import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Place } from "./kept";

const kept = new Map<string, string>();
const isText = (found: unknown) => typeof found === "string";
const placeOf = (person: string, id = "1") => new Place<string>("template", id, isText, person);

beforeEach(() => {
  kept.clear();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
  });
});

test("what is written is of the person who began it, and of one thing", () => {
  const ana = placeOf("ana");
  ana.keep({ base: "a", draft: "b" });
  assert.equal(placeOf("rui").read(), null);
  assert.equal(placeOf("ana", "2").read(), null);
  assert.deepEqual(placeOf("ana").read(), { base: "a", draft: "b" });
  ana.forget();
  assert.equal(kept.size, 0);
});

test("what is not such a draft, or not JSON, is not taken", () => {
  const place = placeOf("ana");
  place.keep({ base: "a", draft: "b" });
  const [name = ""] = kept.keys();
  for (const other of ['{"base":"a"}', "[]", "7", "{"]) {
    kept.set(name, other);
    assert.equal(place.read(), null, other);
  }
});
