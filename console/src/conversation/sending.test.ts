import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyFor, lostFiles, outcomeOf, UNDO_SECONDS } from "./sending";

test("the same content after a try without an answer is the very same body", () => {
  const first = bodyFor({ text: "a", visibility: "public" }, "m1", undefined);
  assert.deepEqual(first, { text: "a", visibility: "public", if_seen: "m1", delay_s: UNDO_SECONDS });
  // The message itself may be the newest by now: what the author has seen must not change the body.
  assert.equal(bodyFor({ visibility: "public", text: "a" }, "m2", first), first);
});

test("changed content is another body, which says what its author has seen", () => {
  const first = bodyFor({ text: "a" }, "m1", undefined);
  assert.deepEqual(bodyFor({ text: "b" }, "m2", first), { text: "b", if_seen: "m2", delay_s: UNDO_SECONDS });
  assert.deepEqual(bodyFor({ text: "a", attachments: ["u1"] }, null, first).attachments, ["u1"]);
  assert.equal("if_seen" in bodyFor({ text: "a" }, null, undefined), false);
});

test("what a failed try means", () => {
  const of = (status: number, code: string, errors: { code: string; message: string; field?: string }[] = []) =>
    outcomeOf({ status, code, errors });
  assert.equal(of(0, "OFFLINE"), "unsure");
  assert.equal(of(0, "TIMEOUT"), "unsure");
  assert.equal(of(500, "HTTP_500"), "unsure");
  assert.equal(of(503, "UNAVAILABLE"), "unsure");
  assert.equal(of(409, "NEWER_MESSAGE"), "newer");
  assert.equal(of(422, "IDEMPOTENCY_MISMATCH"), "stored-before");
  assert.equal(of(422, "INVALID", [{ code: "UPLOAD_UNKNOWN", message: "", field: "attachments[1]" }]), "files");
  assert.equal(of(422, "INVALID", [{ code: "TEXT_TOO_LONG", message: "", field: "text" }]), "refused");
  assert.equal(of(401, "UNAUTHENTICATED"), "refused");
  assert.equal(of(429, "HTTP_429"), "refused");
});

test("the files that have to be put again are named by their places", () => {
  const errors = [
    { code: "UPLOAD_MISSING", message: "", field: "attachments[0]" },
    { code: "UPLOAD_UNKNOWN", message: "", field: "attachments[2]" },
    { code: "UPLOAD_TWICE", message: "", field: "attachments[3]" },
    { code: "UPLOAD_UNKNOWN", message: "", field: null },
  ];
  assert.deepEqual(lostFiles({ errors }), [0, 2]);
});
