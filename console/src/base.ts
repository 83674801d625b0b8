/**
 * What the screens of all roles share. It is part of `app.js`; a role's chunk imports it from there,
 * so everything here is loaded once, for everybody.
 */
export * from "./api/action";
export * from "./api/client";
export * from "./api/pages";
export * from "./api/poll";
export * from "./api/resource";
export * from "./api/types";
export * from "./api/upload";
export * from "./auth/session";
export * from "./hotkeys";
export * from "./me";
export * from "./router";
export * from "./settings";
export * from "./ui";
export * from "./words";
export * from "./words/format";
