/** Words of the local outbox. */
export const local = {};
