import { admin } from "./admin";
import { base } from "./base";
import { desk } from "./desk";
import { local } from "./local";

/** All words in Brazilian Portuguese. */
export const words = { ...base, desk, admin, local };
