import type { Screens } from "../../app";
import { Preferences } from "./preferences";

/** The screens of this chunk by their addresses. */
const screens: Screens = { "/preferencias": Preferences };
export default screens;
