import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "./resending";
import { bodyOf, mayBeTwice, outcomesOf } from "./resending";

const row = (id: string, status: Row["status"]) => ({ id, status }) as Row;

test("only what nobody saw arrive may arrive twice", () => {
  assert.deepEqual(
    (["unknown", "unconfirmed", "failed", "bounced"] as const).map((status) => mayBeTwice({ status })),
    [true, true, false, false],
  );
});

test("what could not be sent again is told apart, with its reason", () => {
  const [a, b] = [row("a", "failed"), row("b", "failed")];
  const told = outcomesOf([
    { row: a, why: null },
    { row: b, why: "já foi enviado" },
  ]);
  assert.equal(told.sent, 1);
  assert.deepEqual(told.not, [{ row: b, why: "já foi enviado" }]);
});

test("a filter is the choice that is sent again: no state means each that may be", () => {
  const now = Date.parse("2026-11-26T00:00:00Z");
  assert.deepEqual(bodyOf({ status: null, reason: null, ticket: null }, now), {
    statuses: ["unknown", "unconfirmed", "failed", "bounced"],
    from: "2026-05-30T00:00:00.000Z",
  });
  assert.deepEqual(bodyOf({ status: "failed", reason: "REJECTED", ticket: "4711" }, now), {
    statuses: ["failed"],
    reasons: ["REJECTED"],
    ticket_id: "4711",
  });
});
