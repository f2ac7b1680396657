/**
 * What a sum beside a price is: the words around it, in the languages of the sites that are read
 * (English, German, French, Dutch, Italian, Spanish, Polish, Swedish).
 */

/**
 * `rate`: paid each month, week or day. `list`: what the maker, a former price or a market's average says.
 * `estimate`: what an auction house or a tool expects. `part`: a deposit, a saving, a fee.
 * `asked`: called the price. `plain`: nothing said.
 */
export type SumKind = "rate" | "list" | "estimate" | "part" | "asked" | "plain";

const PRICE = "price|preis|prix|prijs|prezzo|precio|cena|pris";
const PERIOD =
  "month|mo\\b|mth|monat|mtl|mois|mese|mes\\b|maand|mnd|mån|mies|mc\\b|week|wk\\b|woche|semaine|settimana|semana|vecka|tydz|day\\b|tag\\b|jour|giorno|día|dag\\b|year|yr\\b|annum|jahr|an\\b|année|anno|año|jaar|år\\b|rok\\b";
/** Behind a sum: it is paid again and again. A period's word alone begins the next label ("monthly rate"). */
const RATE_BEHIND = new RegExp(
  `^\\s*[*¹]?\\s*(?:[.,]\\d{2}(?!\\d)|[.,]?[-–—])?\\s*(?:\\p{Sc}|kr\\b|zł|[A-Z]{3}\\b)?[*¹]?\\s*(?:incl\\.?|inkl\\.?)?\\s*` +
    `(?:(?:\\/|per\\b|pro\\b|im\\b|je\\b|par\\b|al\\b|alla\\b|a la\\b|por\\b|na\\b|i\\b|a\\b|p\\.\\s?)\\s*(?:${PERIOD})` +
    `|(?:p\\.?\\s?[\\/]?\\s?m\\.?|pcm|pw|mtl\\.?|monatl\\.?|monthly|weekly|bi-?weekly|mensuels?|mensili|mensuales|miesięcznie)(?![\\p{L}])(?!\\s*(?:payment|rate|${PRICE}|cost|from|:)))`,
  "iu",
);
const LABELS: readonly [SumKind, string][] = [
  [
    "rate",
    "(?:price |preis |prix )?per (?:month|week|day|year|maand|week)|(?:bi-?)?(?:month|week)ly(?: payments?)?|payments?(?: from)?|monatlich\\p{L}*|monatsrate|mtl\\.?|leasing\\p{L}*|lease\\b|finanzierung\\p{L}*|rate\\b|" +
    "mensualités?|mensuel\\p{L}*|loyers?|par mois|rata|canone|cuotas?|mensual\\p{L}*|al mes|maandbedrag|maandelijks\\p{L}*|maandprijs|per maand|rat[ay]\\b|miesięczn\\p{L}*|månadskostnad|månads\\p{L}*|rental|rent\\b",
  ],
  [
    "list",
    `(?:msrp|rrp|uvp|srp|pvp|was|originally|statt|bisher|au lieu de|anziché|listino|antes|kbb)(?: (?:${PRICE}|value))?|` +
    `(?:list|listed|retail|regular|reg\\.|original|old|previous|former|strike|strikethrough|invoice|new|neu|listen|alter|ancien|conseillé|oude|nieuwe|advies|stara|poprzednia|ord(?:inarie|\\.)?|tidigare|market|average|avg\\.?|book)\\s?(?:${PRICE}|value|wert)`,
  ],
  [
    "list",
    `(?:${PRICE})\\s+(?:neuf|catalogue|conseillé|public|barré|ancien|di listino|anterior|nuevo|de catálogo|katalogowa|when new|before)|catalogusprijs|nieuwprijs|adviesprijs|neupreis|listenpreis`,
  ],
  [
    "estimate",
    "(?:low |high |pre-sale )?estimat(?:e[ds]?|ion)s?|estimé\\p{L}*|schätz(?:preis|wert|ung)|richtprijs|stima(?:to)?\\b|estimaci[oó]n|estimado|szacowan\\p{L}*|estymacja|värdering",
  ],
  [
    "part",
    "down ?payment|deposit|(?:you )?sav(?:e|ings?)|discount|rebate|fees?|delivery|shipping|cash ?back|off\\b|trade-in|anzahlung|ersparnis|rabatt|überführung|apport|acompte|remise|économi\\p{L}*|frais|aanbetaling|korting|anticipo|acconto|sconto|risparmi\\p{L}*|entrada|descuento|ahorr\\p{L}*|wpłata|rabat|oszczęd\\p{L}*|kontantinsats|spara",
  ],
  [
    "asked",
    `(?:our |your |sale |internet |selling |special |final |e-?|cash |asking |dealer |buy it now |total |drive ?away )?(?:${PRICE})|asking|now\\b|jetzt|nur\\b|for sale|verkaufspreis|kaufpreis|barpreis|vraagprijs|verkoopprijs|comptant|kontant\\p{L}*`,
  ],
];
const LABEL = new RegExp(
  `(?<!\\p{L})(?:${LABELS.map(([, words]) => `(${words})`).join("|")})(?!\\p{L})`,
  "giu",
);
/** As far before a sum as its label ends. */
const REACH = 30;

/** What the words of a label call the sum behind it; the last one named counts. */
export function sumLabelled(text: string): SumKind {
  let kind: SumKind = "plain";
  for (const match of text.slice(-200).matchAll(LABEL)) {
    const at = match.slice(1).findIndex((words) => words !== undefined);
    kind = LABELS[at]?.[0] ?? kind;
  }
  return kind;
}

/** Whether the words behind a sum say that it is paid again and again: "/mo", " pro Monat". */
export function isRateBefore(behind: string): boolean {
  return RATE_BEHIND.test(behind.slice(0, 40));
}

/**
 * What a sum is by the words on both sides of it.
 *
 * @example
 * ```ts
 * import { sumKind } from "./price_words.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(sumKind("Lease from $", "/mo"), "rate");
 * assert.equal(sumKind("MSRP: $", " Sale price"), "list");
 * assert.equal(sumKind("Monthly payment $299 Price $", ""), "asked");
 * ```
 */
export function sumKind(before: string, behind: string): SumKind {
  if (isRateBefore(behind)) return "rate";
  // A figure between belongs to the label before it.
  return sumLabelled((before.split(/\d/).at(-1) ?? "").slice(-REACH));
}
