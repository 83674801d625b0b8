/** Not translated yet: the words of the source language. */
export { desk } from "../pt/desk";
