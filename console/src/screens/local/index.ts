import type { Screens } from "../../app";

/** The screens of this chunk by their addresses. */
const screens: Screens = {};
export default screens;
