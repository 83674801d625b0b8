/** Short names for what the API answers: the generated schemas. */
import type { components } from "./schema";

type Schemas = components["schemas"];
/** A schema of the OpenAPI document by its name. */
export type Schema<Name extends keyof Schemas> = Schemas[Name];
export type Me = Schema<"Me">;
export type TicketRow = Schema<"TicketRow">;
export type Ticket = Schema<"TicketView">;
export type DeliveryStatus = Schema<"DeliveryStatus">;
/** A page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
