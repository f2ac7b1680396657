import { COMMON_WORDS, MODEL_NAMES } from "./model_names.ts";
import { isOrdinaryWord } from "./ordinary_words.ts";
import { keyOf, nearlySame, type Token } from "./tokens.ts";
import { writtenVariantAt } from "./trims.ts";

/** A model found among words. */
export interface ModelReading {
  make: string;
  /** As its maker writes it: "F-150" for "f150". */
  model: string;
  /** How many words it took. */
  count: number;
  /** Read in spite of a slip of the pen ("Frontoer"). */
  mended: boolean;
}

const MOST_WORDS = 4;
const COMMON = new Set(COMMON_WORDS.map(keyOf));

/** By make, and over all makes: the key of each spelling with the maker's own. */
const BY_MAKE = new Map<string, Map<string, string>>();
/** Those of one word: only they are looked for behind a slip of the pen. */
const OF_ONE_WORD = new Map<string, [key: string, model: string][]>();
const MAKES_OF = new Map<string, string[]>();
for (const [make, names] of Object.entries(MODEL_NAMES)) {
  const models = new Map<string, string>();
  const single: [string, string][] = [];
  for (const entry of names.split(",")) {
    const spellings = entry.trim().split("=");
    const model = spellings[0] ?? "";
    for (const spelling of spellings) {
      models.set(keyOf(spelling), model);
      if (!spelling.includes(" ")) single.push([keyOf(spelling), model]);
    }
  }
  BY_MAKE.set(make, models);
  OF_ONE_WORD.set(make, single);
  for (const key of models.keys()) MAKES_OF.set(key, [...MAKES_OF.get(key) ?? [], make]);
}

/** Names that are a letter code with a number; the rule gives the maker's way of writing. */
const RULES: Readonly<Record<string, readonly [RegExp, (match: RegExpExecArray) => string][]>> = {
  "BMW": [
    [/^([1-8]\d{2})(ci|csi|cs|xi|is|i|d|e|li|il|ti|xd|ix|gt)?$/, ([, n, s]) => n + (s ?? "")],
    [
      /^(m\d{3}i?|x\dm?|alpinab\d)$/,
      ([whole]) => whole.replace(/^[mx]/, (letter) => letter.toUpperCase()),
    ],
  ],
  "Mercedes-Benz": [
    [
      /^(a|b|c|e|g|s|r|v|cl|clk|cls|cla|sl|slk|slc|ml|gl|gla|glb|glc|gle|glk|gls|eq[abces])(\d{2,3})([a-z]{0,3})$/,
      ([, code, number, tail]) => `${code}${number}`.toUpperCase() + (tail ?? ""),
    ],
    [/^(\d{3})(sel|sec|slc|sl|se|sd|cd|td|te|ce|tdt|e|d|s|c)?$/, ([whole]) => whole.toUpperCase()],
    [/^(?:amg)?gt$/, () => "GT"],
    [/^(a|b|c|e|g|s|r|m|gl|cl)class$/, ([, code]) => `${(code ?? "").toUpperCase()}-Class`],
    [
      /^(sprinter|metris)(\d{4})?$/,
      ([, name, number]) =>
        `${(name ?? "").replace(/^./, (letter) => letter.toUpperCase())} ${number ?? ""}`.trim(),
    ],
  ],
  "Lexus": [[
    /^(is|es|gs|ls|sc|rc|lc|nx|rx|gx|lx|ux|ct|hs|tx|rz)(\d{3})([a-z]{0,2})$/,
    ([, code, number, tail]) => `${(code ?? "").toUpperCase()} ${number}${tail ?? ""}`,
  ], [/^(is|rc|gs)f$/, ([, code]) => `${(code ?? "").toUpperCase()} F`]],
  "Ford": [[
    /^([fe])([1-9][05]0)(sd)?$/,
    ([, code, number]) => `${(code ?? "").toUpperCase()}-${number}`,
  ]],
  "Chevrolet": truckRules(),
  "GMC": truckRules(),
  "Freightliner": [[/^(fl[dbc]?|mt|m)(\d{2,3})$/, ([whole]) => whole.toUpperCase()]],
  "Kenworth": [[/^([tw])(\d{3,4})[a-z]?$/, ([whole]) => whole.toUpperCase()]],
  "Porsche": [[/^(?:9[0-9]{2}|356|718)[a-z]{1,3}$/, ([whole]) => whole.toUpperCase()]],
  "Honda": [[
    /^(?:cb|cl|ct|sl|xr|crf|cbr|vtr|vt|vtx|vfr|st|gl|atc|trx|nc|ctx|xl)\d{2,4}[a-z]{0,3}$/,
    ([whole]) => whole.toUpperCase(),
  ]],
  "Peterbilt": [[/^3\d{2}[a-z]?$/, ([whole]) => whole.toUpperCase()]],
  "Volvo": [[/^(vnl|vnr|vnm|vhd)\d{0,3}$/, ([whole]) => whole.toUpperCase()]],
  "Infiniti": [[
    /^(g|m|q|qx|ex|fx|jx|i|j)(\d{2})([xs]?)$/,
    ([, code, number, tail]) => `${(code ?? "").toUpperCase()}${number}${tail}`,
  ]],
};

/** Chevrolet's and GMC's full-size trucks and vans: C10, K1500, G3500, C6500. */
function truckRules(): [RegExp, (match: RegExpExecArray) => string][] {
  return [
    [/^([ckgpv])(\d{2}|\d{4})$/, ([whole]) => whole.toUpperCase()],
    [/^ck(1500|2500|3500)$/, ([, number]) => `C/K ${number}`],
    [/^(w|t)(\d{4})$/, ([whole]) => whole.toUpperCase()],
  ];
}

function ruled(make: string, key: string): string | null {
  for (const [pattern, name] of RULES[make] ?? []) {
    const match = pattern.exec(key);
    if (match !== null) return name(match);
  }
  return null;
}

/** The names that start at a word, the shortest first: of one word, of two, up to the longest name there is. */
function keysFrom(tokens: readonly Token[], at: number): string[] {
  let key = "";
  const keys: string[] = [];
  for (let count = 1; count <= MOST_WORDS && at + count <= tokens.length; count++) {
    key += tokens[at + count - 1]?.key ?? "";
    keys.push(key);
  }
  return keys;
}

/**
 * The model of `make` that starts at a word; the longest name wins. `null` when none does.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tokensOf } from "./tokens.ts";
 *
 * const tokens = tokensOf("2008 ford f150 xlt");
 * assert.deepEqual(modelAt(tokens, 2, "Ford"), {
 *   make: "Ford",
 *   model: "F-150",
 *   count: 1,
 *   mended: false,
 * });
 * ```
 */
export function modelAt(
  tokens: readonly Token[],
  at: number,
  make: string,
  mend = false,
): ModelReading | null {
  const models = BY_MAKE.get(make);
  const keys = keysFrom(tokens, at);
  for (let count = keys.length; count > 0; count--) {
    const own = keys[count - 1] ?? "";
    const model = models?.get(own) ?? (count <= 2 ? ruled(make, own) : null);
    if (model === null || model === undefined) continue;
    // "Explorer Sport Utility" is an Explorer: the last word begins a body's name.
    const last = count > 1 ? writtenVariantAt(tokens, at + count - 1) : null;
    if (last !== null && last.kind === "body" && last.count > 1) continue;
    // "SL 550" and "SL550" are both the maker's; the text decides.
    const spaced = count === 2 && make === "Mercedes-Benz" && /^[A-Z]+\d/.test(model);
    return {
      make,
      model: spaced ? model.replace(/^([A-Z]+)(?=\d)/, "$1 ") : model,
      count,
      mended: false,
    };
  }
  const first = keys[0] ?? "";
  if (!mend || isOrdinaryWord(first)) return null;
  for (const [name, model] of OF_ONE_WORD.get(make) ?? []) {
    if (nearlySame(first, name)) return { make, model, count: 1, mended: true };
  }
  return null;
}

/**
 * The model that starts at a word when no maker is named ("2002 Xterra"): only one that a single
 * maker uses, and no ordinary word unless `common` allows it (right behind the model year).
 */
export function makerlessModelAt(
  tokens: readonly Token[],
  at: number,
  common: boolean,
): ModelReading | null {
  const keys = keysFrom(tokens, at);
  for (let count = keys.length; count > 0; count--) {
    const own = keys[count - 1] ?? "";
    const makes = MAKES_OF.get(own) ?? [];
    const make = makes.length === 1 ? makes[0] : soleRule(own, count);
    // "all makes and models" names no Tesla.
    if (own === "models" && count === 1) continue;
    if (make === undefined || own.length < 2 || /^\d+$/.test(own)) continue;
    if (!common && (COMMON.has(own) || own.length < 3)) continue;
    const model = BY_MAKE.get(make)?.get(own) ?? ruled(make, own);
    if (model !== null) return { make, model, count, mended: false };
  }
  return null;
}

/**
 * The model whose line a name is of, where sellers leave the model out: "2005 Porsche Carrera S" is a 911. Of
 * no words itself: the line's name stands behind it as its trim.
 */
export function lineAt(
  tokens: readonly Token[],
  at: number,
  make: string,
  year: number | null,
): ModelReading | null {
  // The Carreras before 1974 were 356s and 904s, too.
  const is911 = make === "Porsche" && year !== null && year >= 1974 &&
    /^(?:carrera|targa)/.test(tokens[at]?.key ?? "");
  return is911 ? { make, model: "911", count: 0, mended: false } : null;
}

/** Ford's F-250 and Chevrolet's C10 need no maker's name; other codes do. */
function soleRule(key: string, count: number): string | undefined {
  if (count > 2) return undefined;
  if (/^f(?:[1-9]50|100|[6-9]00)$/.test(key) || /^e[1-4]50$/.test(key)) return "Ford";
  return /^[ck](?:10|20|30)$/.test(key) ? "Chevrolet" : undefined;
}

/** Whether the names of a maker's models are known at all. */
export const hasKnownModels = (make: string): boolean => BY_MAKE.has(make) || make in RULES;

/** Whether a maker is known to have built a model of this name. */
export function isModelOf(make: string, name: string): boolean {
  const key = keyOf(name);
  return BY_MAKE.get(make)?.has(key) === true || ruled(make, key) !== null;
}
