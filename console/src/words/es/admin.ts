/** Not translated yet: the words of the source language. */
export { admin } from "../pt/admin";
