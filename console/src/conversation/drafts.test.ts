import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Draft, DraftPlace, type Extras, sameDraft } from "./drafts";

const NOTE: Extras = { visibility: "internal", notify: true, category: "", hours: "", date: "2026-11-26" };
let full = false;
const kept = new Map<string, string>();

beforeEach(() => {
  full = false;
  kept.clear();
  const page = new EventTarget();
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
    dispatchEvent: page.dispatchEvent.bind(page),
    localStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => {
        if (full) throw new Error("QuotaExceededError");
        kept.set(name, value);
      },
      removeItem: (name: string) => kept.delete(name),
    },
  });
});

test("a draft is of the person who began it, whoever is signed in later", () => {
  const maria = new DraftPlace("1", "maria");
  maria.keep({ text: "segredo" });
  assert.equal(new DraftPlace("1", "bia").read(), null);
  assert.equal(new DraftPlace("2", "maria").read(), null);
  maria.keep({ text: "segredo, e mais" });
  assert.equal(new DraftPlace("1", "maria").read()?.text, "segredo, e mais");
});

test("an internal note is restored as one, with its files", () => {
  const file = { name: "a.png", size: 3, id: "u1", at: 1 };
  new DraftPlace("1", "bia").keep({ text: "n", extras: NOTE, files: [file] });
  const draft = new DraftPlace("1", "bia").read();
  assert.equal(draft?.extras?.visibility, "internal");
  assert.deepEqual(draft?.files, [file]);
});

test("files alone are a draft; white space alone is not one", () => {
  const place = new DraftPlace("1", "bia");
  place.keep({ text: " ", files: [{ name: "a.png", size: 3, id: "u1", at: 1 }] });
  assert.notEqual(place.read(), null);
  place.keep({ text: " \n", files: [] });
  assert.equal(place.read(), null);
});

test("one key stays with a draft while it is typed on, and another draft has another", () => {
  const place = new DraftPlace("1", "bia");
  place.keep({ text: "a" });
  const key = place.key();
  place.tried({ text: "a" });
  place.keep({ text: "a e b" });
  assert.equal(place.key(), key);
  assert.deepEqual(place.read()?.tried, { text: "a" });
  place.tried(null);
  assert.equal(place.read()?.tried, undefined);
  assert.equal(place.key(), key);
  place.forget();
  place.keep({ text: "outra" });
  assert.notEqual(place.key(), key);
});

test("a browser that keeps nothing still makes two tries one message", () => {
  full = true;
  const place = new DraftPlace("1", "bia");
  assert.equal(place.keep({ text: "a" }), false);
  const key = place.key();
  assert.equal(place.key(), key);
  assert.equal(place.read()?.text, "a");
});

test("a draft goes after thirty days, and one that cannot be read is not one", () => {
  let now = 0;
  const place = new DraftPlace("1", "bia", () => now);
  place.keep({ text: "a" });
  now = 29 * 86_400_000;
  assert.equal(place.read()?.text, "a");
  now = 31 * 86_400_000;
  assert.equal(place.read(), null);
  kept.set("mensageria.draft.bia.1", "{");
  assert.equal(place.read(), null);
});

test("whoever shows a draft hears in the same page that it was changed elsewhere, and not of itself", () => {
  const [left, shown] = [new DraftPlace("1", "bia"), new DraftPlace("1", "bia")];
  const heard: (string | undefined)[] = [];
  const stop = shown.follow((draft: Draft | null) => heard.push(draft?.text));
  shown.keep({ text: "a" });
  new DraftPlace("2", "bia").keep({ text: "of another ticket" });
  new DraftPlace("1", "maria").keep({ text: "of somebody else" });
  left.keep({ text: "b" });
  left.forget();
  stop();
  left.keep({ text: "c" });
  assert.deepEqual(heard, ["b", undefined]);
});

test("two drafts say the same whenever they were kept, and not when a mark, a file or who reads it differs", () => {
  const file = { name: "a.png", size: 3, id: "u1", at: 1 };
  const draft = { text: "a", html: "<p>a</p>", extras: NOTE, files: [file] };
  assert.ok(sameDraft(draft, { ...draft, at: 5, key: "k" } as Draft));
  assert.ok(sameDraft({ text: "a" }, { text: "a", html: undefined, files: [] }));
  assert.ok(sameDraft(null, { text: " ", extras: NOTE }));
  for (const other of [
    { ...draft, text: "b" },
    { ...draft, html: "<p><b>a</b></p>" },
    { ...draft, extras: { ...NOTE, visibility: "public" as const } },
    { ...draft, files: [] },
    null,
  ])
    assert.ok(!sameDraft(draft, other));
});
