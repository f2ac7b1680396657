import { modelAt } from "./models.ts";
import { tokensOf } from "./tokens.ts";
import { variantAt } from "./trims.ts";

/** Words behind a model that name its body, doors, cab, drive, size or state, and no trim. */
const NO_TRIM =
  /^(?:coupe|convertible|cabriolet|sedan|saloon|wagon|estate|roadster|hardtop|fastback|hatchback|liftback|notchback|limousine|pickup|truck|van|panel|suv|spyder|spider|targa|drophead|fixedhead|dhc|fhc|club|tudor|fordor|touring car|conversion|project|race|racing|rally|track|movie|monster|parade|replica|prototype|chassis|rolling|car|camper|motorhome|awd|4wd|2wd|rwd|fwd|4x4|4matic|quattro|manual|automatic|diesel|turbodiesel|euro|jdm|us-spec|w\/.*|with|and|by|by\.|\d-door|two-door|four-door|2\+2|\d{3}|\d{3}\/\d{3}|\d{1,2}-speed|\d\.\dl|dually|long-bed|short-bed|swb|lwb|rhd|lhd)$/i;

/** "Silver Cloud III": a numeral alone tells the generation. */
const GENERATION = /^[IVX]+$/;

/**
 * The trim in what a title says behind the maker: "Tahoe LT 2-Door 4×4" → "LT", "911 Carrera 4S
 * Coupe" → "Carrera 4S". `null` where there is none, or the model is not known, so that nobody can
 * say where it ends.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(trimIn("Chevrolet", "Tahoe LT 2-Door 4x4"), "LT");
 * assert.equal(trimIn("Porsche", "911"), null);
 * ```
 */
export function trimIn(make: string, model: string): string | null {
  const tokens = tokensOf(model, 30);
  const known = [0, 1].map((at) => ({ at, found: modelAt(tokens, at, make) }))
    .find(({ found }) => found !== null);
  if (known?.found == null) return null;
  const trim: string[] = [];
  let body = false;
  for (let at = known.at + known.found.count; at < tokens.length;) {
    const variant = variantAt(tokens, at);
    if (variant !== null && variant.kind !== "trim") {
      if (trim.length > 0) break;
      body = true;
      at += variant.count;
      continue;
    }
    const count = variant?.count ?? 1;
    const text = tokens.slice(at, at + count).map((token) => token.text).join(" ");
    // "Convertible D": a letter behind the body is the body's.
    if ((variant === null && NO_TRIM.test(text)) || (body && text.length === 1)) {
      if (trim.length > 0) break;
    } else trim.push(text);
    at += count;
  }
  const text = trim.join(" ");
  return text === "" || GENERATION.test(text) ? null : text;
}
