/** Not translated yet: the words of the source language. */
export { base } from "../pt/base";
