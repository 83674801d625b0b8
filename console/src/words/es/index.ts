import { admin } from "./admin";
import { base } from "./base";
import { desk } from "./desk";
import { local } from "./local";

/** All words in Spanish. */
export const words = { ...base, desk, admin, local };
