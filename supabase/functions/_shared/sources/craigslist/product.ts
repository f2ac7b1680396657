import { type JsonObject, objectOf } from "../../html/json_region.ts";

/** The offer of a post in its data for machines, a schema.org Product; empty when it has none. */
export function offerOf(product: JsonObject): JsonObject {
  return objectOf(product.offers);
}

/** Where the offer of a post is to be had: a PostalAddress; empty when it names none. */
export function addressOf(product: JsonObject): JsonObject {
  return objectOf(objectOf(offerOf(product).availableAtOrFrom).address);
}
