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

/** Motorcycles call themselves roadsters and spyders, and have no body that opens. */
const MOTORCYCLE =
  /\b(?:motorcycles?|harley(?:[- ]davidson)?|sportster|ducati|can-am|kawasaki|yamaha|aprilia|moto guzzi|mv agusta|royal enfield|husqvarna|ktm|buell|bimota|norton|bsa|vincent|indian (?:scout|chief\w*|roadmaster|springfield|ftr)|victory (?:vegas|hammer|kingpin|cross|vision|hammer)|spyder (?:f3|rt|rs|st|gs)|ryker|r ?ninet|bmw [rkfg] ?\d{3,4} ?(?:r|rs|rt|gs|gt|s|c|cl)?\b|triumph (?:bonneville|speed|street|rocket|tiger|thruxton|daytona|scrambler)|(?:honda|suzuki) (?:shadow|gold ?wing|rebel|valkyrie|boulevard|intruder|cb|vtx|gsx)\w*)/i;

/**
 * The body style that a model's name, or a title, says ("911 Carrera Coupe" → "Coupe"); `null` if it says none,
 * or names a motorcycle. `make` is the maker, where the name leaves it out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(bodyStyleIn("911 Carrera Cabriolet"), "Convertible");
 * assert.equal(bodyStyleIn("911 Carrera"), null);
 * ```
 */
export function bodyStyleIn(name: string, make = ""): string | null {
  if (MOTORCYCLE.test(`${make} ${name}`)) return null;
  return STYLES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
