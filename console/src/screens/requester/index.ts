import type { Screens } from "../../app";
import { Request } from "./request";
import { Requests } from "./requests";

/** The screens of this chunk by their addresses. */
const screens: Screens = { "/solicitacoes": Requests, "/solicitacoes/:id": Request };
export default screens;
