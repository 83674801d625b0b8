/** Not translated yet: the words of the source language. */
export { local } from "../pt/local";
