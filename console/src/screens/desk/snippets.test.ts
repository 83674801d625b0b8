import assert from "node:assert/strict";
import { test } from "node:test";
import { matching } from "./snippets";

test("canned answers are found by words in any order, accents and case aside", () => {
  const all = [
    { title: "Saudação", text: "Olá, tudo bem?" },
    { title: "VPN", text: "Reinstale o cliente da VPN" },
  ];
  const titles = (typed: string) => matching(all, typed).map(({ title }) => title);
  assert.deepEqual(titles(""), ["Saudação", "VPN"]);
  assert.deepEqual(titles("saudacao"), ["Saudação"]);
  assert.deepEqual(titles("CLIENTE  vpn"), ["VPN"]);
  assert.deepEqual(titles("nada"), []);
});
