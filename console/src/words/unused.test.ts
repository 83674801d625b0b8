import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { words } from "./pt";

const SOURCES = new URL("../../../src/", import.meta.url);

/** `problem.offline` of each word; forms of a plural are one word. */
function pathsOf(part: object, before = ""): string[] {
  return Object.entries(part).flatMap(([name, value]) => {
    const isPart = typeof value === "object" && !("one" in value && "other" in value);
    return isPart ? pathsOf(value, `${before}${name}.`) : [`${before}${name}`];
  });
}

/** Paths that a source reads: of `words.value`, and of what it calls a part of them, until it calls another so. */
function readBy(source: string): string[] {
  const parts = new Map([["words.value", ""]]);
  const tokens = /const (\w+) = words\.value((?:\.\w+)*);|(?<![\w.])(words\.value|\w+)((?:\.\w+)+)/g;
  return [...source.matchAll(tokens)].flatMap(([, part, is = "", name = "", path = ""]) => {
    if (part) parts.set(part, is);
    const beginning = part ? undefined : parts.get(name);
    return beginning === undefined ? [] : [`${beginning}${path}`.slice(1)];
  });
}

test("every word is read somewhere", () => {
  const files = readdirSync(SOURCES, { recursive: true }).map(String);
  const sources = files.filter((name) => /\.tsx?$/.test(name) && !/^words\/(pt|en|es)\/|\.test\.tsx?$/.test(name));
  const read = new Set(sources.flatMap((name) => readBy(readFileSync(new URL(name, SOURCES), "utf8"))));
  // A part that is read by a name in brackets is read whole, and what is read of a word reads it.
  const isRead = (path: string) =>
    path.split(".").some((_, at, names) => read.has(names.slice(0, at + 1).join("."))) ||
    [...read].some((one) => one.startsWith(`${path}.`));
  assert.deepEqual(
    pathsOf(words).filter((path) => !isRead(path)),
    [],
  );
});
