/** What every chunk uses of other projects, in one file that changes only with a version. */

export * from "@preact/signals";
export * from "preact";
export * from "preact/hooks";
export * from "preact/jsx-runtime";
