import { type Facts, type FieldName, fieldValue } from "../../domain/fact.ts";
import type { Page } from "../../domain/page.ts";
import type { ServingMap } from "../../domain/serving_maps.ts";
import { CONFIDENCE, DOUBT } from "../../extraction/confidence.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { plausible } from "../../extraction/plausible.ts";
import { applyToIndex } from "../../learning/apply.ts";
import { indexPage, type PageIndex } from "../../learning/index/page_index.ts";
import { templateOf } from "../../learning/templates.ts";
import { knownMake } from "../../vehicle/makes.ts";
import { readVin } from "../../vehicle/vin.ts";
import { readNames } from "./names.ts";
import { type MapRules, rulesOf } from "./rules.ts";

/** What a map reads from a page. */
interface MapReading {
  map: ServingMap;
  facts: Facts;
  /** Its picture for who shares it, as the page writes the address; null where it names none. */
  picture: string | null;
}

const NUMBERS: readonly FieldName[] = [
  "year",
  "mileage",
  "sale_price",
  "high_bid",
  "asking_price",
];
const PRICES = ["asking_price", "sale_price", "high_bid"] as const;

/**
 * Reads a page by the map of its template, the nearest one; null where it is like none. Values that
 * cannot be are held below 0.5, as those of every reader.
 */
export function readByMaps(maps: readonly ServingMap[], page: Page): MapReading | null {
  if (maps.length === 0) return null;
  const index = indexPage(page.body);
  const map = mapOf(maps, index);
  if (map === null) return null;
  const facts = plausible(factsBy(map, index), page);
  const given = new Set<string>(map.fields);
  return {
    map,
    facts: Object.fromEntries(Object.entries(facts).filter(([field]) => given.has(field))),
    picture: index.units.find(({ kind, name }) => kind === "meta" && name === "og:image")?.text ??
      null,
  };
}

/** The map whose template a page is of; null where it is of none. */
export function mapOf(maps: readonly ServingMap[], index: PageIndex): ServingMap | null {
  const templates = maps.flatMap((map) =>
    rulesOf(map).map.templates.map(({ sketches }) => ({ map, sketches }))
  );
  return templateOf(templates, index.sketch)?.map ?? null;
}

function factsBy(map: ServingMap, index: PageIndex): Facts {
  const rules = rulesOf(map);
  const book = new FactBook();
  const by = `extraction map ${map.version}`;
  const add = (field: FieldName, value: unknown, confidence: number, evidence: string) => {
    const parsed = fieldValue[field].safeParse(value);
    if (!parsed.success) return;
    // Each rule says itself how sure it is, more or less than the row of the table.
    const doubt = confidence / CONFIDENCE.learned.alone;
    book.add(field, parsed.data, "learned", `${by}: ${evidence}`, { doubt });
  };
  const read = applyToIndex(rules.map, index);
  for (const field of map.fields) {
    const found = read[field];
    if (found === undefined) continue;
    const { value, confidence, rule } = found;
    const evidence = `${rule} "${value}"`;
    if (field === "vin") {
      const vin = readVin(String(value), null);
      if (vin === null) continue;
      const wrong = vin.checkDigit === "wrong" && /^[1-5]/.test(vin.vin);
      add(field, vin.vin, confidence * (wrong ? DOUBT.badCheckDigit : 1), evidence);
    } else if (field === "make") {
      add(field, knownMake(String(value)) ?? String(value), confidence, evidence);
    } else {
      add(field, NUMBERS.includes(field) ? Number(value) : String(value), confidence, evidence);
    }
  }
  addNames(rules, index, add);
  addOffer(rules, book, add);
  return book.all();
}

type Add = (field: FieldName, value: unknown, confidence: number, evidence: string) => void;

function addNames({ names }: MapRules, index: PageIndex, add: Add): void {
  const title = names === null ? null : readNames(names, index);
  if (names === null || title === null) return;
  const evidence = `${names.place} "${title.year} ${title.make} ${title.model}"`;
  for (const field of ["year", "make", "model"] as const) {
    add(field, title[field], names.confidence, evidence);
  }
}

/** What a sum says beside itself: its currency, and that what has a price asked is for sale. */
function addOffer({ currency }: MapRules, book: FactBook, add: Add): void {
  const facts = book.all();
  const price = PRICES.map((field) => facts[field]).find((fact) => fact !== undefined);
  if (price === undefined) return;
  if (currency !== null && facts.currency === undefined) {
    add("currency", currency, price.confidence, `${currency} on all pages that it learned from`);
  }
  if (facts.asking_price !== undefined && facts.sale_status === undefined) {
    add("sale_status", "for_sale", facts.asking_price.confidence, "it states a price asked");
  }
}
