import type { Screens } from "../../app";
import { Import } from "./import";
import { Account, Parameters } from "./parameters";
import { Sender } from "./sender";
import { Senders } from "./senders";
import { Start } from "./start";
import { Suppressions } from "./suppressions";
import { Template } from "./template";
import { Templates } from "./templates";

/** The screens of this chunk by their addresses. */
const screens: Screens = {
  "/inicio": Start,
  "/modelos": Templates,
  "/modelos/importar": Import,
  "/modelos/:id": Template,
  "/parametros": Parameters,
  "/conta-de-email": Account,
  "/remetentes": Senders,
  "/remetentes/novo": Sender,
  "/remetentes/contrato/:contract": Sender,
  "/enderecos-bloqueados": Suppressions,
};
export default screens;
