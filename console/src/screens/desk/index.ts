import type { Screens } from "../../app";
import { Conversation } from "./conversation";
import { Deliveries } from "./deliveries";
import { Quarantine } from "./quarantine";
import { Tickets } from "./tickets";

/** The screens of this chunk by their addresses. */
const screens: Screens = {
  "/chamados": Tickets,
  "/chamados/:id": Conversation,
  "/entregas": Deliveries,
  "/quarentena": Quarantine,
};
export default screens;
