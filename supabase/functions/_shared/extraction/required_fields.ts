import type { Facts, FieldName } from "../domain/fact.ts";

/**
 * What every listing of a site states. A page that looks like one and lacks it was not understood:
 * half a vehicle is not written, and the source's drift is raised instead. A list inside the list
 * means that one of its fields is enough.
 */
export type RequiredFields = readonly (FieldName | readonly FieldName[])[];

/**
 * What of a site's required fields is missing: "no make, no vin or asking_price"; `null` if nothing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(missingFields({}, ["make", ["vin", "asking_price"]]), "no make, no vin or asking_price");
 * ```
 */
export function missingFields(facts: Facts, required: RequiredFields): string | null {
  const missing = required.map((one) => typeof one === "string" ? [one] : one)
    .filter((fields) => fields.every((field) => facts[field] === undefined))
    .map((fields) => `no ${fields.join(" or ")}`);
  return missing.length === 0 ? null : missing.join(", ");
}
