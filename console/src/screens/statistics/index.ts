import type { Screens } from "../../app";
import { Statistics } from "./statistics";

/** The screens of this chunk by their addresses. */
const screens: Screens = { "/estatisticas": Statistics };
export default screens;
