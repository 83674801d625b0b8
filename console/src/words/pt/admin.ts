/** Words of the administrator's screens. */
export const admin = {};
