import type { Screens } from "../../app";
import { Conversation } from "./conversation";
import { Quarantine } from "./quarantine";
import { Tickets } from "./tickets";

/** The screens of this chunk by their addresses. */
const screens: Screens = { "/chamados": Tickets, "/chamados/:id": Conversation, "/quarentena": Quarantine };
export default screens;
