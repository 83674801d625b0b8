import type { local as pt } from "../pt/local";
/** See `../pt/local`. */
export const local: typeof pt = {} as typeof pt;
