import { type JsonLdNode, nodeText } from "../../html/json_ld.ts";
import { decodeEntities } from "../../html/entities.ts";
import { pageTitle } from "../../html/visible_text.ts";
import { oneLine } from "../../html/text.ts";
import { knownMake } from "../../vehicle/makes.ts";
import { namedVehicle } from "./node_name.ts";

const HEADING = /<h1\b[^<>]{0,1000}>/gi;
const MOST_HEADINGS = 3;
const YEARS = /(?<![\d.,$€£-])(?:19|20)\d{2}(?![\d.,]\d|\d|\s?(?:km|mi|kW|PS|hp|cc)\b)/g;
/** Words that a heading adds to a name without saying anything of which car it is. */
const FILLER = new Set(
  "used new certified pre owned cpo gebraucht gebrauchte gebrauchtwagen neu occasion usato usata nuovo ocasion seminuevo usado gebruikt tweedehands uzywany uzywane begagnad for sale the a an and"
    .split(" "),
);

/** What a page calls itself, most particular first: its main headings, its title. */
export function headingsOf(html: string): string[] {
  const own: string[] = [];
  const page = html.slice(0, 1_000_000);
  HEADING.lastIndex = 0;
  for (let tries = 0; tries < 2 * MOST_HEADINGS && own.length < MOST_HEADINGS; tries++) {
    const open = HEADING.exec(page);
    if (open === null) break;
    const inner = page.slice(HEADING.lastIndex, HEADING.lastIndex + 3_000);
    const end = inner.search(/<\/h1/i);
    if (end >= 0) own.push(oneLine(inner.slice(0, end)));
  }
  const all = [...own, decodeEntities(pageTitle(html))];
  return [...new Set(all.map((one) => one.slice(0, 300)).filter((one) => one !== ""))];
}

/** Numbers of a heading that can be model years: no price, no figure with a unit. */
export function yearsIn(heading: string): number[] {
  return heading.match(YEARS)?.map(Number) ?? [];
}

/** What of a vehicle is compared with a heading. */
interface Named {
  year: number | null;
  make: string | null;
  model: string | null;
  name: string | null;
}

/** What a node names its vehicle. */
export function namedBy(node: JsonLdNode): Named {
  const name = nodeText(node.name);
  const title = namedVehicle(name ?? "");
  const stated = ["vehicleModelDate", "modelDate", "modelYear", "year", "productionDate"]
    .map((key) => /^\s*((?:18|19|20)\d{2})(?!\d)/.exec(nodeText(node[key]) ?? "")?.[1])
    .find((year) => year !== undefined);
  const make = nodeText(node.brand) ?? nodeText(node.manufacturer) ?? nodeText(node.make);
  return {
    year: stated === undefined ? title.year : Number(stated),
    make: make ?? (title.makeKnown ? title.make : null),
    model: nodeText(node.model) ?? (title.makeKnown ? title.model : null),
    name,
  };
}

/**
 * Whether a heading names this vehicle: its year, make and model all agree. A heading without a
 * year names it only when it says nothing but the vehicle's name ("Volkswagen Golf", while "Volkswagen
 * Golf for sale in Reno" is a search's), or at a listing's own address: "Volkswagen Golf 1.4 TSI Comfort".
 */
export function names(
  heading: string,
  { year, make, model, name }: Named,
  isListing: boolean,
): boolean {
  const words = wordsOf(heading);
  const title = namedVehicle(heading);
  const years = yearsIn(heading);
  if (make === null && name === null) return false;
  if (year !== null && years.length > 0 && !years.includes(year)) return false;
  const maker = make === null ? null : knownMake(make) ?? make;
  const sameMake = maker === null
    ? false
    : title.make === maker || [maker, make ?? ""].some((one) => holds(words, wordsOf(one)));
  if (!sameMake || !holdsModel(words, model, name, wordsOf(make ?? ""))) return false;
  if (years.length > 0) return true;
  const known = new Set([...wordsOf(name ?? ""), ...wordsOf(make ?? ""), ...wordsOf(model ?? "")]);
  if (words.every((word) => known.has(word) || FILLER.has(word))) return true;
  const first = words.filter((word) => !FILLER.has(word)).slice(0, LEADING);
  return isListing && !ON_SALE.test(heading) && holdsModel(first, model, name, wordsOf(make ?? ""));
}

/** Words of a heading among which a name without a year begins. */
const LEADING = 5;
/** What searches say behind a name, in the languages of the sites that exist. */
const ON_SALE =
  /\b(?:for sale|kaufen|zu verkaufen|gebrauchte?|occasions?|à vendre|usat[aeio]|in vendita|segunda mano|en venta|te koop|tweedehands|na sprzedaż|używan\p{L}*|till salu|begagnad\p{L}*|near|in|à|bei|en|te|i)\b/iu;

/** Whether a heading plainly names another vehicle: both its year and its maker differ. */
export function namesAnother(heading: string, { year, make }: Named): boolean {
  const title = namedVehicle(heading);
  if (!title.makeKnown || title.year === null || title.model === null) return false;
  if (year === null || make === null) return false;
  return title.year !== year && title.make !== (knownMake(make) ?? make) &&
    !holds(wordsOf(heading), wordsOf(make));
}

/** The model as it is stated, or the word that the name has in its place: "328i" of a "3 Series". */
function holdsModel(
  words: readonly string[],
  model: string | null,
  name: string | null,
  makeWords: readonly string[],
): boolean {
  const squashed = words.join("");
  const stated = wordsOf(model ?? "").join("");
  if (stated !== "" && (stated.length > 2 ? squashed.includes(stated) : adjoin(words, stated))) {
    return true;
  }
  const title = namedVehicle(name ?? "");
  const [first] = wordsOf(title.model ?? name ?? "").filter((word) =>
    !FILLER.has(word) && !/^(?:19|20)\d\d$/.test(word) && !makeWords.includes(word)
  );
  return first !== undefined && words.includes(first);
}

/** Whether one word, or two beside each other, are this: "9-3". */
function adjoin(words: readonly string[], short: string): boolean {
  return words.some((word, at) => word === short || word + (words[at + 1] ?? "") === short);
}

function holds(words: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && part.every((word) => words.includes(word));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "").split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}
