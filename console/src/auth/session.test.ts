import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { begin, forget, renew, type Session, session } from "./session";

const token = (name: string): Session => ({ token: name, expires: Date.now() });
/** A renewal that is answered when the test says so. */
let answer: (next: Session | null) => void;
const slowly = () =>
  new Promise<Session | null>((resolve) => {
    answer = resolve;
  });

beforeEach(() => {
  forget();
  begin(token("first"), slowly);
});

test("all who ask meanwhile get the one renewed token", async () => {
  const [one, other] = [renew(), renew()];
  answer(token("second"));
  assert.deepEqual(await Promise.all([one, other]), ["second", "second"]);
  assert.equal(session.value?.token, "second");
});

test("a renewal that is answered after signing out signs nobody in", async () => {
  const asked = renew();
  forget();
  answer(token("second"));
  assert.equal(await asked, null);
  assert.equal(session.value, null);
});

test("whoever signs in meanwhile stays, and renews their own session", async () => {
  const asked = renew();
  forget();
  begin(token("another"), async () => token("renewed"));
  assert.equal(await renew(), "renewed");
  answer(token("second"));
  assert.equal(await asked, null);
  assert.equal(session.value?.token, "renewed");
});
