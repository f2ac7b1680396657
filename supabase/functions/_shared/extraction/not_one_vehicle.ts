import { pathOf } from "../domain/host.ts";
import { decodeEntities } from "../html/entities.ts";
import { type JsonLdNode, nodeList, nodeText, type PlacedNode } from "../html/json_ld.ts";
import { isObject } from "../html/json_region.ts";
import { textPieces, visibleText } from "../html/visible_text.ts";
import { hasListingNumber, resolved, sameAddress } from "./page_address.ts";
import type { NoListing } from "./page_kind.ts";
import { isVehicle } from "./schema_org/vehicle_node.ts";

/** Types of pages (schema.org) that list things, and of those that only write about them. */
const LIST_TYPES = new Set(["searchresultspage", "collectionpage", "offercatalog"]);
const WRITING = new Set([
  "newsarticle",
  "blogposting",
  "review",
  "criticreview",
  "analysisnewsarticle",
  "reviewnewsarticle",
  "reportagenewsarticle",
  "opinionnewsarticle",
  "techarticle",
  "qapage",
  "faqpage",
]);

/** What dealers add to the page of a vehicle: readers' reviews of themselves, questions and answers. */
const BESIDE = new Set(["review", "qapage", "faqpage"]);

/** Last segments of an address, and parts of it, at which sites list vehicles, in the languages of the sites that exist. */
const LIST_SEGMENT =
  /^(?:search(?:[-_]?results?)?|results?|inventory|vehicles|listings|all|lst|suche|fahrzeuge|fahrzeugsuche|gebrauchtwagen|neuwagen|occasions?|annonces?|voitures(?:-occasion)?|recherche|auto-usate|annunci|ricerca|coches(?:-segunda-mano)?|anuncios|buscar|autos|tweedehands|zoeken|aanbod|osobowe|oferty|szukaj|bilar|begagnade-bilar|sok|(?:used|new|pre-owned|certified)(?:-(?:cars|vehicles|inventory|trucks|suvs))?|cars(?:-for-sale)?|for-sale)(?:\.\w{2,5})?$/i;
/** Parts of an address below which a site searches, wherever they stand. */
const SEARCH_SEGMENT =
  /^(?:search(?:[-_]?results?)?|suche|recherche|ricerca|buscar|zoeken|szukaj|sok)$/i;
const WRITING_SEGMENT =
  /^(?:reviews?|car-reviews|road-tests?|first-drives?|news|blog|articles?|magazin|magazine|ratgeber|testberichte?|fahrberichte?|essais?|actualites?|actus?|prove|recensioni|notizie|noticias|pruebas|nieuws|tests?|autotests?|rijtests?|testy|aktualnosci|nyheter|provkorning(?:ar)?|guides?|research|wiki)$/i;
/** Parts of an address below which a site tells of models. */
const MODEL_SEGMENT =
  /^(?:models?|modelle|mod[eè]les?|modell[oi]|modelos?|modellen|modele|modeller|specs?|new-cars|neuwagen|catalogue?|katalog|configurator)$/i;
const COUNTED =
  "results?|listings|matches|vehicles|cars|trucks|offers|angebote|fahrzeuge|treffer|gebrauchtwagen|annonces|r[ée]sultats?|v[ée]hicules|voitures|risultat[oi]|annunci|veicoli|auto usate|resultados?|anuncios|coches|veh[ií]culos|resultaten|resultaat|advertenties|auto[’']s|occasions|og[łl]osze\\p{L}*|wynik\\p{L}*|pojazd\\p{L}*|tr[äa]ffar|annonser|bilar";
/** "1.204 Angebote für Opel Astra", "1 Result": how many a list has. */
const COUNT = new RegExp(
  `(?:^|[\\s(|:>–-])(?:\\d{1,3}(?:[.,\\u00a0\\u202f ’']\\d{3})+|\\d{1,6})\\+?\\s+(?:(?:used|new|matching|available|certified|pre-owned|search|gebrauchte|neue|passende|verfügbare|nuovi|nuevos|nuove)\\s+){0,2}(?:${COUNTED})(?![\\p{L}\\d])`,
  "iu",
);
/** "1 Angebot", "1 result": the only one of a list; behind a name the figure would be a part of it. */
const ONE =
  /(?:^|[|(:>–-]\s*)1[\s|]+(?:(?:used|new|matching|available|certified|gebrauchter|neuer)\s+)?(?:result|listing|match|vehicle|car|truck|offer|angebot|fahrzeug|annonce|v[ée]hicule|voiture|annuncio|veicolo|auto usata|anuncio|coche|veh[ií]culo|advertentie|auto|og[łl]oszenie|pojazd|annons|bil)(?![\p{L}\d])/iu;
const LIST_WORDS =
  /\bfor sale (?:near|by owner near)\b|\bnear (?:me|you)\b|\bsearch results?\b|\b(?:cars|trucks|suvs|vehicles|inventory|listings)\b.{0,40}\bfor sale\b|\b(?:from|starting at|as low as|under|ab|dès|à partir de|desde|vanaf|od|från) (?:[$€£]|\d{1,3}[.,\s]\d{3})|\bsuchergebnisse\b|\b(?:gebrauchtwagen|gebraucht|neuwagen) kaufen\b|\brésultats de\b|\bvoitures d[’']occasion\b|\bauto usate\b|\bcoches de segunda mano\b|\btweedehands auto[’']?s?\b|\bsamochody używane\b|\bbegagnade bilar\b/iu;
const WRITING_WORDS =
  /\b(?:reviews?|road tests?|test drives?|first drive|first look|driven|specs(?: and| &|,)|specifications|pricing(?: and| &|,)|msrp|buyer[’']?s guide|buying guide|comparison|recalls?|history of|how to|testbericht|fahrbericht|im test|vergleichstest|essai|fiche technique|prova su strada|la prova|scheda tecnica|recensione|prueba|ficha t[eé]cnica|autotest|rijtest|getest|technische daten|dane techniczne|recenzja|provk[öo]rning|biltest)\b|\bvs\.? /iu;

/** What a page is judged by. */
interface Judged {
  url: string;
  headings: readonly string[];
  nodes: readonly PlacedNode[];
}

/**
 * Why a page offers no single vehicle, whatever its markup says: a search, a list, a review, a
 * magazine. `null` when nothing says so.
 */
export function whyNotOneVehicle({ url, headings, nodes }: Judged): NoListing | null {
  const top = nodes.filter((one) => one.top).flatMap(({ types }) => types);
  const listType = top.find((type) => LIST_TYPES.has(type));
  if (listType !== undefined) return index(`marked up as ${listType}`);
  const offered = nodes.some((one) => one.top && isVehicle(one) && hasItsOwn(one.node));
  const writing = top.find((type) => WRITING.has(type) && !(offered && BESIDE.has(type)));
  if (writing !== undefined) return other(`marked up as ${writing}`);
  for (const heading of headings) {
    const listed = COUNT.exec(heading)?.[0] ?? ONE.exec(heading)?.[0] ??
      LIST_WORDS.exec(heading)?.[0];
    if (listed !== undefined) return index(`it calls itself "${heading.slice(0, 100)}"`);
    if (WRITING_WORDS.test(heading)) return other(`it calls itself "${heading.slice(0, 100)}"`);
  }
  const segments = segmentsOf(url);
  const section = segments.find((one) => WRITING_SEGMENT.test(one));
  if (section !== undefined) return other(`its address is below /${section}`);
  const last = segments.at(-1) ?? "";
  const list = LIST_SEGMENT.test(last) ? last : segments.find((one) => SEARCH_SEGMENT.test(one));
  return list === undefined || hasListingNumber(url) ? null : index(`its address has /${list}`);
}

/** How many vehicles a page says that its list has: "1 Result", "1.204 Angebote"; `null` when it says nothing. */
export function countShown(html: string): string | null {
  return (COUNT.exec(visibleText(html, 20_000)) ?? ONE.exec(piecesOf(html)))?.[0].trim() ?? null;
}

/** Whether a page, at no one listing's address, says that its list has one vehicle. */
export function hasOneResult(url: string, html: string): boolean {
  return !hasListingNumber(url) && ONE.test(piecesOf(html));
}

function piecesOf(html: string): string {
  return decodeEntities(textPieces(html, 2_000).join("|"));
}

/** Why a marked-up vehicle is only written about; `null` when it is not, or has what only one car has. */
export function whySpokenOf({ node }: PlacedNode, nodes: readonly PlacedNode[]): string | null {
  const article = nodes.some(({ top, types }) => top && types.includes("article"));
  return article && !hasItsOwn(node) ? "an article names it" : null;
}

/**
 * Why a marked-up vehicle is a model and not one car: several offers; or no number and no mileage, and a
 * range of prices, readers' ratings, a year that is sold new. `null` when it is one, and at the address of
 * one listing. `now`: the year in which the page was fetched.
 */
export function whyModel({ node, types }: PlacedNode, url: string, now: number): string | null {
  if (types.includes("productmodel") || types.includes("productgroup")) {
    return "marked up as a model";
  }
  const offers = nodeList(node.offers).filter(isObject);
  const addresses = new Set(
    offers.map((one) => resolved(nodeText(one.url), url)).filter((one) => one !== null),
  );
  if (addresses.size > 1 && ![...addresses].some((one) => sameAddress(one, url))) {
    return `${addresses.size} offers of it`;
  }
  if (node.hasVariant !== undefined) return "it has variants";
  const numbered = hasListingNumber(url) && !segmentsOf(url).some((one) => MODEL_SEGMENT.test(one));
  const [offer] = offers;
  const count = Number(nodeText(offer?.offerCount) ?? 1);
  if (count > 1 && !numbered) return `${count} offers of it`;
  if (hasItsOwn(node)) return null;
  if (node.aggregateRating !== undefined || node.review !== undefined) return "rated by readers";
  if (numbered) return null;
  const [low, high] = [nodeText(offer?.lowPrice), nodeText(offer?.highPrice)];
  if (low !== null && low !== high && nodeText(offer?.price) === null) return "a range of prices";
  return yearOf(node) >= now - 1 && !USED.test(conditionOf(node, offer))
    ? "nothing that only one car has, and of a year that is sold new"
    : null;
}

/** Whether a node states what only one car has. */
function hasItsOwn(node: JsonLdNode): boolean {
  return ["vehicleIdentificationNumber", "mileageFromOdometer", "sku", "productID", "vin"]
    .some((key) => nodeText(node[key]) !== null);
}

/** Words for a car that had a keeper, in conditions and in names. */
const USED =
  /used|pre-?owned|certified|demo|gebraucht|vorführ|jahreswagen|tageszulassung|occasion|usat[oa]|km ?0|segunda mano|seminuevo|ocasi[oó]n|tweedehands|używan|begagnad/i;

function yearOf(node: JsonLdNode): number {
  const stated = ["vehicleModelDate", "modelDate", "productionDate", "name"]
    .map((key) => /(?<!\d)(?:19|20)\d{2}(?!\d)/.exec(nodeText(node[key]) ?? "")?.[0]);
  return Number(stated.find((year) => year !== undefined) ?? 0);
}

function conditionOf(node: JsonLdNode, offer: JsonLdNode | undefined): string {
  const said = [node.itemCondition, offer?.itemCondition, node.name].map((one) => nodeText(one));
  return said.filter((one) => one !== null).join(" ");
}

function segmentsOf(url: string): string[] {
  return pathOf(url).split("/").filter((one) => one !== "");
}

function index(why: string): NoListing {
  return { kind: "index", reason: `a list, not one vehicle: ${why}` };
}

function other(why: string): NoListing {
  return { kind: "no_vehicle", reason: `about vehicles, and offers none: ${why}` };
}
