import type { Screens } from "../../app";
import { Outbox } from "./outbox";

/** The screens of this chunk by their addresses. */
const screens: Screens = { "/caixa-de-saida": Outbox, "/caixa-de-saida/:number": Outbox };
export default screens;
