import type { base as pt } from "../pt/base";
/** See `../pt/base`. */
export const base: typeof pt = {} as typeof pt;
