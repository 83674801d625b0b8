import assert from "node:assert/strict";
import { before, test } from "node:test";
import { words } from "../words";
import { words as pt } from "../words/pt";
import { Files, refusalOf } from "./files";

const LIMITS = {
  attachment_bytes: 1000,
  attachments: 2,
  body_bytes: 1,
  message_chars: 1,
  refused_extensions: ["exe", "svg"],
};

before(() => {
  words.value = pt;
});

test("what parameters 278 and 318 refuse is refused before a byte travels", () => {
  const refused = (name: string, size: number, taken = 0) => refusalOf({ name, size }, taken, LIMITS);
  assert.equal(refused("tela.png", 1000), null);
  assert.match(refused("tela.png", 1001) ?? "", /tela\.png é maior que/);
  assert.match(refused("vírus.EXE", 5) ?? "", /não são aceitos/);
  assert.match(refused("a.tar.svg", 5) ?? "", /não são aceitos/);
  assert.equal(refused("exe", 5), null);
  assert.match(refused("vazio.txt", 0) ?? "", /vazio/);
  assert.match(refused("tela.png", 5, 2) ?? "", /até 2 arquivos/);
});

test("files of a draft that waited too long have to be chosen again", () => {
  const files = new Files(
    "1",
    () => null,
    () => undefined,
  );
  const hours = (count: number) => Date.now() - count * 3_600_000;
  files.load([
    { name: "a.png", size: 1, id: "u1", at: hours(1) },
    { name: "b.png", size: 1, id: "u2", at: hours(24) },
    { name: "c.png", size: 1, id: null, at: hours(0) },
  ]);
  assert.deepEqual(
    files.list.value.map(({ state }) => state),
    ["ready", "lost", "lost"],
  );
  assert.equal(files.ids(), null, "a message must not leave without a file that it shows");
  for (const { key, state } of files.list.value) if (state === "lost") files.remove(key);
  assert.deepEqual(files.ids(), ["u1"]);
});

test("a file that the server has no more is not named again", () => {
  const files = new Files(
    "1",
    () => null,
    () => undefined,
  );
  files.load([{ name: "a.png", size: 1, id: "u1", at: Date.now() }]);
  files.lost([0]);
  assert.equal(files.list.value[0]?.state, "lost");
  assert.equal(files.ids(), null);
  assert.equal(files.kept()[0]?.id, null);
});
