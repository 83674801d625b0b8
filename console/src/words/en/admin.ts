import type { admin as pt } from "../pt/admin";
/** See `../pt/admin`. */
export const admin: typeof pt = {} as typeof pt;
