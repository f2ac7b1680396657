/**
 * The words with which classifieds and dealers say that a vehicle is no longer to be had, in English, German,
 * French, Dutch, Italian, Spanish (and Portuguese), Polish and Swedish (and Norwegian, Danish).
 */

/** `sold`; `pending`: somebody has it on hold, and it is not sold; `over`: the offer has ended, how is not said. */
export type OfferState = "sold" | "pending" | "over";

/** What such a word may be said of: "this vehicle has already been …". */
const SUBJECT = alternatives(
  "(?:sorry,? )?(?:this |the )?(?:(?:car|vehicle|truck|van|motorcycle|motorbike|bike|item|listing|lot|ad|advert|post|posting|offer) )?(?:(?:has|have) (?:now |already |since )?(?:been )?|(?:is|was) )?(?:now |already |just |currently )?",
  "(?:(?:dieses |diese |das |der |die )?(?:fahrzeug|auto|wagen|motorrad|inserat|anzeige|angebot) )?(?:(?:ist|wurde) )?(?:leider |bereits |schon )*",
  "(?:(?:ce |cette |le |la |l['’])?(?:véhicule|voiture|auto|moto|annonce) )?(?:(?:est|a été|n['’]est) )?(?:déjà )?",
  "(?:(?:deze |dit |de |het )?(?:auto|voertuig|wagen|occasion|advertentie) )?(?:(?:is|werd) )?(?:reeds |al |inmiddels |helaas )*",
  "(?:(?:questa |questo |l['’])?(?:auto|veicolo|vettura|moto|annuncio) )?(?:è )?(?:già |stat[oa] )*",
  "(?:(?:este |esta |el |la )?(?:vehículo|veículo|coche|auto|carro|moto|anuncio) )?(?:(?:está|ha sido|foi|fue) )?(?:ya |já )?",
  "(?:(?:ten |to )?(?:samochód|pojazd|auto|ogłoszenie|oferta) )?(?:(?:został[oa]?|jest) )?(?:już )?",
  "(?:(?:den här |denna )?(?:bilen|bil|fordonet|annonsen) )?(?:(?:är|har|er) )?(?:blivit |redan )*",
);

const WORDS: Readonly<Record<OfferState, string>> = {
  sold: alternatives(
    "sold(?: out)?|verkauft|vendue?|verkocht|vendut[oa]|vendid[oa]|sprzedan[aeoy]|sål[dt]|solgt",
  ),
  pending: alternatives(
    "(?:sale|sold|deal|offer|purchase)(?: is)?[ -]pending(?: (?:pick[ -]?up|sale|payment|funds|funding|delivery))?|pending(?: (?:sale|pick[ -]?up|payment|funds))?",
    "on hold|(?:deposit|offer) (?:taken|received|accepted)|under (?:offer|contract|deposit)|reserved",
    "reserviert|angezahlt|réservée?|sous option|vente en cours|en cours de vente|gereserveerd|onder optie|verkocht onder voorbehoud",
    "riservat[oa]|prenotat[oa]|in trattativa|reservad[oa]|señalad[oa]|zarezerwowan[aeoy]|reserverad|reservert|reserveret|bokad",
  ),
  over: alternatives(
    "expired|ended|inactive|deactivated|deleted|removed|archived|withdrawn|delisted|unavailable|no longer (?:available|active|for sale|listed)|not available|off (?:the )?market",
    "nicht (?:mehr )?verfügbar|abgelaufen|beendet|deaktiviert|inaktiv|gelöscht|archiviert",
    "plus disponible|plus en vente|indisponible|expirée?|désactivée?|supprimée?|retirée? de la vente",
    "niet (?:meer|langer) (?:beschikbaar|te koop)|niet beschikbaar|verlopen|beëindigd|gedeactiveerd|verwijderd",
    "non (?:è )?(?:più )?disponibile|scadut[oa]|rimoss[oa]|disattivat[oa]|no (?:está )?disponible|caducad[oa]|finalizad[oa]|desactivad[oa]|não (?:está )?disponível|indisponível",
    "nieaktualn[aey]|niedostępn[aey]|zakończon[aey]|wygasł[ao]|inte längre tillgänglig|(?:ej|inte) tillgänglig|avslutad|borttagen|utgången|inaktiv|ikke (?:lenger |længere )?tilgjengelig",
  ),
};

/** A field of the page before the word: "Status: sold", "Preis: verkauft". */
const STATUS =
  "(?:(?:(?:sale |listing )?status|availability|verfügbarkeit|disponibilité|beschikbaarheid|disponibilità|disponibilidad|dostępność)\\s*:?\\s*)?";
const PRICE = "(?:(?:price|preis|prix|prijs|prezzo|precio|preço|cena|pris)\\s*:?\\s*)?";
/** What people say behind it. */
const COURTESY =
  "(?:\\W+(?:sorry|thanks?|thank you|danke|merci|gracias|bedankt|grazie)\\b.{0,60})?";

/** For how much or when it sold: "Sold for £12,950", "Verkauft am 3.4.2025", "Vendu en mars 2024". */
const SUM = "(?:[A-Z]{3}\\s?)?\\p{Sc}?\\s?\\d[\\d.,'’\\u00a0 ]{0,12}k?\\s?(?:\\p{Sc}|[A-Z]{3}\\b)?";
const DATE =
  "(?:\\d{1,4}[./-]\\d{1,2}[./-]\\d{1,4}|(?:\\d{1,2}(?:st|nd|rd|th)?\\.? (?:de )?)?\\p{L}{3,10}\\.?,? (?:\\d{1,2},? )?(?:de )?(?:19|20)\\d{2})";
const SALE =
  `(?:(?:\\s+(?:for|on|in|at|am|im|für|le|en|pour|op|in|voor|il|a|per|el|por|za|w|dnia|den|för|i))?\\s+(?:${SUM}|${DATE}))?`;

const LABELS = (["pending", "sold", "over"] as const).map((state) => {
  const before = `${STATUS}${state === "over" ? "" : PRICE}${SUBJECT}`;
  const behind = `${state === "sold" ? SALE : ""}${COURTESY}`;
  const form = `^[^\\p{L}\\d]*${before}${WORDS[state]}${behind}[^\\p{L}\\d:]*$`;
  return [state, new RegExp(form, "iu")] as const;
});
const LONGEST_LABEL = 120;
/** Alone these may be said of anything that a page has a row for: a VIN, a filter, an option. */
const OF_ANYTHING =
  /^\W*(?:(?:not |un)available|removed|deleted|inactive|nicht verfügbar|indisponible|niet beschikbaar|non (?:è )?disponibile|no disponible|indisponível|niedostępn[aey]|(?:ej|inte) tillgänglig|inaktiv|entfernt|gelöscht)\W*$/iu;
/** What every one of the words has: most texts are told by it to be none. */
const STEMS =
  /sold|verk|vend|sprzed|s[åÅ]l[dt]|solgt|pending|hold|deposit|offer|contract|r[éei]serv|option|optie|prenot|trattat|señal|zarez|bokad|angez|expir|ended|activ|delet|remov|archiv|withdr|delist|avail|longer|market|verf|abgel|beend|aktiv|gelösch|dispon|désact|suppr|retir|besch|verl|beëin|verwij|scad|rimoss|disatt|cadu|finaliz|nieakt|niedost|zakoń|wygas|tillg|tilgj|avslut|bort|utgång/i;

/**
 * What a short text that stands alone says of the offer: a badge, a heading, a status, a sentence.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(offerStateOf("Verkauft!"), "sold");
 * assert.equal(offerStateOf("This vehicle has already been sold"), "sold");
 * assert.equal(offerStateOf("Sale pending"), "pending");
 * assert.equal(offerStateOf("This listing has expired"), "over");
 * assert.equal(offerStateOf("Recently sold"), null);
 * ```
 */
export function offerStateOf(label: string): OfferState | null {
  if (label.length > LONGEST_LABEL || !STEMS.test(label) || OF_ANYTHING.test(label)) return null;
  return LABELS.find(([, form]) => form.test(label))?.[0] ?? null;
}

/** "Sold" at a title's start or end that is the seller's word for it: not "must be sold", "sold as is". */
const FIRST =
  /^[^\p{L}\d]*sold\b(?!\s+(?:as|by|with|without|new|out|only|separately|in|at|from|for|through|here|locally|where|cars|vehicles|autos?|inventory|listings|stock|items|archive|gallery|prices?|history|examples?)\b)/iu;
const LAST =
  /(?<!\b(?:be|being|gets?|getting|not|never|un|until|till?|if|when|once|before|to|only|originally|was|were|we|i|just|ever|first|units|best|recently|previously|and|or|cars|vehicles)\W{1,3}|&\s?)\bsold[^\p{L}\d]*$/iu;
const PENDING =
  /\b(?:sale|sold|deal)(?: is)?[ -]pending\b|\bpending (?:sale|pick[ -]?up|payment)\b/i;

/** What a listing's title says of its offer, in a part of its own: "1971 VW Bug - SOLD", "(reserviert)". */
export function offerStateInTitle(title: string): OfferState | null {
  const text = title.slice(0, 300);
  if (PENDING.test(text)) return "pending";
  for (const part of text.split(/\s[-–—]+\s|[|:*!()[\]~•,;.]+/)) {
    const state = part.trim() === "" ? null : offerStateOf(part);
    if (state !== null) return state;
  }
  return FIRST.test(text) || LAST.test(text) ? "sold" : null;
}

const SENTENCES = 6;

/** What a seller's text says of the offer in one of its first sentences, or in its last. */
export function offerStateInText(text: string): { state: OfferState; words: string } | null {
  const sentences = `${text.slice(0, 1_000)}\n${text.slice(1_000).slice(-300)}`.split(/[.!?\n]+/)
    .map((one) => one.trim()).filter((one) => one !== "");
  for (const words of [...sentences.slice(0, SENTENCES), ...sentences.slice(SENTENCES).slice(-1)]) {
    const state = offerStateOf(words.replace(/^(?:update|edit|note)\W+/i, ""));
    if (state !== null) return { state, words: words.slice(0, 120) };
  }
  return null;
}

function alternatives(...words: string[]): string {
  return `(?:${words.join("|")})`;
}
