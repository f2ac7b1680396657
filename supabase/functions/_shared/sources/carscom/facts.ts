import type { Facts, FieldName, ReadingWay } from "../../domain/fact.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { addMake, addMileage, addVin, statedYear } from "../../extraction/stated.ts";
import { textOf } from "../../html/json_region.ts";
import { paragraphs } from "../../html/text.ts";
import { driveIn } from "../../vehicle/listing_lines.ts";
import { isBaitPrice, priceOf } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import type { CarsComPage } from "./page.ts";

/** All facts of a car's page, and the fields for which it has a place that is empty. */
export function factsOf(cut: CarsComPage): { facts: Facts; absent: FieldName[] } {
  const facts = new FactBook();
  addRecord(facts, cut);
  addLabelled(facts, cut);
  return { facts: facts.all(), absent: absentOf(cut, facts) };
}

/** The site's record of the page: strings, of which an empty one says nothing. */
function addRecord(facts: FactBook, { activity }: CarsComPage): void {
  if (activity === null) return;
  const stated = (key: string) => textOf(activity[key]);
  const place = (key: string) => ({ way: "structured", where: `activity data ${key}` }) as const;
  const year = statedYear(stated("year"));
  facts.add("year", year, "structured", `activity data year "${year}"`);
  addMake(facts, stated("make"), place("make"));
  facts.add("model", stated("model"), "structured", `activity data model "${stated("model")}"`);
  facts.add("trim", stated("trim"), "structured", `activity data trim "${stated("trim")}"`);
  addVin(facts, stated("vin"), year, place("vin"));
  addMileage(facts, stated("mileage"), place("mileage"));
  for (const [field, key] of TEXTS) {
    facts.add(field, stated(key), "structured", `activity data ${key} "${stated(key)}"`);
  }
  addDrive(facts, stated("drivetrain"), "structured", "activity data drivetrain");
  addPrice(facts, stated("price") ?? "", "structured", "activity data price");
  facts.add("seller_name", stated("dealer_name"), "structured", "activity data dealer_name");
}

const TEXTS = [
  ["color", "exterior_color"],
  ["interior_color", "interior_color"],
  ["body_style", "bodystyle"],
] as const;

/** What a person reads on the page, each behind its label. */
function addLabelled(facts: FactBook, cut: CarsComPage): void {
  const title = parseTitle(cut.heading);
  const evidence = `heading "${cut.heading}"`;
  facts.add("year", title.year, "title", evidence);
  if (title.makeKnown) facts.add("make", title.make, "title", evidence);
  // The heading adds the trim to the model; the record keeps them apart.
  facts.add("model", title.model, "title", evidence, { doubt: 0.9 });

  const labelled = (label: string) => cut.basics.get(label);
  const year = facts.value("year");
  addVin(facts, labelled("vin"), year, { way: "labelled", where: "VIN:" });
  addMileage(facts, labelled("mileage") ?? cut.mileage, { way: "labelled", where: "mileage" });
  const texts = [
    ["color", "exterior color"],
    ["interior_color", "interior color"],
    ["engine", "engine"],
    ["transmission", "transmission"],
  ] as const;
  for (const [field, label] of texts) {
    const value = labelled(label);
    if (value !== undefined && !/^(?:[-–—]+|n\/a|unknown)$/i.test(value)) {
      facts.add(field, value, "labelled", `${label} "${value}"`);
    }
  }
  addDrive(facts, labelled("drivetrain") ?? null, "labelled", "drivetrain");
  addPrice(facts, cut.price, "labelled", "list price");
  facts.add("seller_name", cut.seller, "labelled", `seller's info "${cut.seller}"`);
  const place = placeIn(cut.address);
  facts.add("location", place, "labelled", `seller's address "${place}"`);
  const town = /.*\bin ([A-Z][\p{L} .'’-]{1,40}, [A-Z]{2}) for \$/u.exec(cut.description)?.[1];
  facts.add("location", town, "title", `page's summary "in ${town}"`, { doubt: 0.9 });
  const notes = paragraphs(cut.notes);
  if (notes.length >= 40) {
    facts.add("description", notes, "labelled", `seller's notes, ${notes.length} characters`);
  }
  facts.add("sale_status", "for_sale", "labelled", "a vehicle's page that is offered");
}

function addPrice(
  facts: FactBook,
  text: string,
  way: ReadingWay,
  where: string,
): void {
  const price = priceOf(text);
  if (price === null || isBaitPrice(price.amount)) return;
  facts.add("asking_price", price.amount, way, `${where} "${text}"`);
  // The site serves the United States; its bare dollar sign is theirs.
  facts.add("currency", price.currency ?? "USD", way, `${where} "${text}"`);
}

function addDrive(
  facts: FactBook,
  text: string | null,
  way: ReadingWay,
  where: string,
): void {
  const drive = text === null ? null : driveIn(text);
  facts.add("drivetrain", drive ?? text, way, `${where} "${text}"`);
}

/** "800 Davis St, San Leandro, CA 94577" → "San Leandro, CA 94577". */
function placeIn(address: string): string | null {
  const [, town = "", region = "", code = ""] =
    /([A-Z][\p{L} .'’-]{1,40}), ([A-Z]{2})(?: (\d{5}))?(?:-\d{4})?$/u.exec(address.trim()) ?? [];
  return town === "" ? null : `${town.trim()}, ${region} ${code}`.trim();
}

/** Fields that the record has a key for, and that stand nowhere on the page. */
function absentOf({ activity }: CarsComPage, facts: FactBook): FieldName[] {
  if (activity === null) return [];
  const keys: Partial<Record<FieldName, string>> = {
    vin: "vin",
    mileage: "mileage",
    asking_price: "price",
    color: "exterior_color",
    interior_color: "interior_color",
    drivetrain: "drivetrain",
  };
  return (Object.keys(keys) as FieldName[]).filter((field) =>
    !facts.has(field) && (keys[field] ?? "") in activity
  );
}
