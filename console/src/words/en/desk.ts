import type { desk as pt } from "../pt/desk";
/** See `../pt/desk`. */
export const desk: typeof pt = {} as typeof pt;
