const STYLES: readonly [RegExp, string][] = [
  [
    /\b(?:crew|double|extended|quad|club|king|mega|regular) cab\b|\bpick-?up\b|\bsupercr?ew?\b|\bsupercab\b/i,
    "Pickup",
  ],
  [
    /\b(?:cabriolet|convertible|drophead|spider|spyder|roadster|speedster|phaeton)\b/i,
    "Convertible",
  ],
  [/\btarga\b/i, "Targa"],
  [/\b(?:wagon|avant|touring wagon|shooting brake|estate|sportwagen|allroad)\b/i, "Wagon"],
  [/\b(?:hatchback|3-door|5-door)\b/i, "Hatchback"],
  [/\b(?:sedan|saloon|berlina|limousine)\b/i, "Sedan"],
  [/\bfastback\b/i, "Fastback"],
  [/\b(?:coupe|coupé)\b/i, "Coupe"],
  [/\bhardtop\b/i, "Hardtop"],
  [/\b(?:van|minivan|panel van|delivery)\b/i, "Van"],
];

/**
 * The body style that a model's name says ("911 Carrera Coupe" → "Coupe"); `null` if it says none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(bodyStyleIn("911 Carrera Cabriolet"), "Convertible");
 * assert.equal(bodyStyleIn("911 Carrera"), null);
 * ```
 */
export function bodyStyleIn(name: string): string | null {
  return STYLES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
