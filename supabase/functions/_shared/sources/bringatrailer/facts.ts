import type { Auction, Extraction } from "../../domain/extraction.ts";
import type { FieldName } from "../../domain/fact.ts";
import { DOUBT } from "../../extraction/confidence.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { bodyStyleIn } from "../../vehicle/body_style.ts";
import { driveIn, type ListingLines, readListingLines } from "../../vehicle/listing_lines.ts";
import { knownMake } from "../../vehicle/makes.ts";
import { type MileageReading, readMileage } from "../../vehicle/mileage.ts";
import { parseTitle, type TitleReading } from "../../vehicle/title.ts";
import { trimIn } from "../../vehicle/title_trim.ts";
import { FIRST_VIN_YEAR, readVin } from "../../vehicle/vin.ts";
import type { SumPlaces } from "./auction.ts";
import type { Essentials } from "./essentials.ts";
import type { BatPage } from "./page.ts";
import { readProse } from "./prose.ts";
import type { Result } from "./result.ts";

/** Fields that the list of details has room for, so that a list without them says there is none. */
const LISTED: readonly FieldName[] = [
  "vin",
  "mileage",
  "engine",
  "transmission",
  "color",
  "interior_color",
];

/** How an auction stands, by its record and by the place that says it. */
interface Sale {
  auction: Auction;
  places: SumPlaces;
  result: Result | null;
  /** Two places of the page say the same. */
  confirmed: boolean;
}

/** All facts of a listing, and the fields for which it has a place that is empty. */
export function factsOf(
  page: BatPage,
  essentials: Essentials,
  sale: Sale,
): { facts: Extraction["facts"]; absent: FieldName[] } {
  const facts = new FactBook();
  const title = parseTitle(page.title);
  const lines = readListingLines(essentials.lines);
  addIdentity(facts, page, title);
  addDetails(facts, lines, title, page);
  addNumbers(facts, lines, title);
  addSale(facts, sale);
  facts.add("seller_name", essentials.seller, "labelled", `seller: ${essentials.seller}`);
  facts.add("location", essentials.location, "labelled", `location: ${essentials.location}`);
  facts.add(
    "description",
    page.description,
    "labelled",
    `the listing's text, ${page.description.length} characters`,
  );
  const listed = essentials.lines.length > 0;
  return { facts: facts.all(), absent: listed ? LISTED.filter((field) => !facts.has(field)) : [] };
}

/** Year, make and model: the title names them, the groups that the site files the car under confirm. */
function addIdentity(facts: FactBook, page: BatPage, title: TitleReading): void {
  const evidence = `title "${page.title}"`;
  const era = /^(\d{3})0s$/.exec(page.groups.get("Era") ?? "")?.[1];
  facts.add("year", title.year, "title", evidence, {
    checked: era !== undefined && String(title.year).startsWith(era),
  });

  const group = page.groups.get("Make");
  const groupMake = group === undefined || isPartsGroup(group) ? null : knownMake(group) ?? group;
  if (title.make !== null && title.makeKnown) {
    // The site files some cars under another make (a Ram under Dodge); the title is the car's own.
    facts.add("make", title.make, "title", evidence, {
      checked: groupMake === title.make,
      doubt: groupMake !== null && groupMake !== title.make ? DOUBT.contradicted : 1,
    });
  } else if (groupMake !== null) {
    facts.add("make", groupMake, "record", `filed under make "${group}"`, {
      doubt: DOUBT.unknownName,
    });
  } else {
    facts.add("make", title.make, "title", evidence, { doubt: DOUBT.unknownName });
  }
  if (title.makeKnown) {
    const trim = trimIn(title.make ?? "", title.model ?? "");
    facts.add("trim", trim, "title", evidence, { doubt: DOUBT.drawnLine });
  }
  const filed = (page.groups.get("Model") ?? "").toLowerCase().split(/[^\p{L}\d]+/u);
  const words = title.model?.toLowerCase().split(/[^\p{L}\d]+/u) ?? [];
  facts.add("model", title.model, "title", evidence, {
    checked: words[0] !== undefined && filed.includes(words[0]),
    doubt: title.makeKnown ? 1 : DOUBT.unknownName,
  });
}

/** The site's heading for parts, signs, toys: no vehicles. */
export function isPartsGroup(group: string): boolean {
  return /\bparts\b|automobilia|memorabilia/i.test(group);
}

function addDetails(
  facts: FactBook,
  lines: ListingLines,
  title: TitleReading,
  page: BatPage,
): void {
  for (
    const field of ["engine", "transmission", "color", "interior_color", "drivetrain"] as const
  ) {
    const line = lines[field];
    facts.add(field, line?.value, "unlabelled", `listing detail "${line?.line}"`);
  }
  const prose = readProse(page.description);
  for (const field of ["engine", "transmission", "color", "interior_color"] as const) {
    if (prose[field] === null) continue;
    // A sentence only fills what the list leaves open: its words differ where its sense does not.
    if (facts.has(field) && !alike(facts.value(field), prose[field])) continue;
    facts.add(field, prose[field], "prose", `description "…${prose[field]}…"`);
  }
  const named = `${title.model ?? ""} ${title.after}`;
  const evidence = `title "${page.title}"`;
  facts.add("drivetrain", driveIn(named), "title", evidence);
  facts.add("body_style", bodyStyleIn(named, title.make ?? ""), "title", evidence, { doubt: 0.95 });
}

function alike(one: string | null, other: string): boolean {
  const [a, b] = [one ?? "", other].map((text) => text.toLowerCase().replace(/[^\p{L}\d]+/gu, ""));
  return a !== undefined && b !== undefined && (a.includes(b) || b.includes(a));
}

/** "1 of 25", "No. 3 of 10", "One of 500": how many were built, which is no number of this one. */
const COUNT =
  /^(?:(?:no\.?|number|#)\s*)?(?:\d+|[a-z]+(?:-[a-z]+)?)\s+of\s+(?:only\s+|just\s+)?\S+$/i;
/** Since 1981 even frame and serial numbers without the standard's form are longer. */
const SHORTEST_MODERN = 5;

/** Chassis number and mileage. */
function addNumbers(facts: FactBook, lines: ListingLines, title: TitleReading): void {
  const stated = lines.chassis;
  const vin = stated === null || COUNT.test(stated.value)
    ? null
    : readVin(stated.value, title.year);
  if (stated !== null && vin !== null) {
    const modern = title.year !== null && title.year >= FIRST_VIN_YEAR;
    const doubt = vin.repaired
      ? DOUBT.repaired
      : vin.checkDigit === "wrong"
      ? vin.kind === "vin" && !/^[1-5]/.test(vin.vin) ? DOUBT.unusedCheckDigit : DOUBT.badCheckDigit
      : modern && vin.kind === "chassis" && vin.vin.length < SHORTEST_MODERN
      ? DOUBT.unlikely
      : 1;
    facts.add("vin", vin.vin, "labelled", `listing detail "${stated.line}"${vinNote(vin)}`, {
      checked: vin.checkDigit === "right" && vin.fitsYear !== false,
      doubt,
    });
  }
  const line = lines.mileage;
  if (line !== null) addMileage(facts, line.value, "unlabelled", `listing detail "${line.line}"`);
  const named = readMileage(title.before.replace(/(\d[\d,]*k?)-(mile|kilometer)/i, "$1 $2s"));
  if (named === null) return;
  const evidence = `title "${title.before}"`;
  if (line === null) addMileage(facts, named, "title", evidence);
  else if (Math.abs(named.miles - line.value.miles) < 1_000) {
    addMileage(
      facts,
      { ...named, miles: line.value.miles, meaning: line.value.meaning },
      "title",
      evidence,
    );
  }
}

function addMileage(
  facts: FactBook,
  mileage: MileageReading,
  way: "unlabelled" | "title",
  evidence: string,
): void {
  const doubt = { stated: 1, shown: DOUBT.shownOnly, unknown: DOUBT.knownUntrue }[mileage.meaning];
  facts.add("mileage", mileage.miles, way, evidence, { doubt });
}

function vinNote(vin: { checkDigit: string | null; repaired: boolean; kind: string }): string {
  if (vin.repaired) return " (a letter O, Q or I read as a digit; check digit right)";
  if (vin.checkDigit !== null) return ` (check digit ${vin.checkDigit})`;
  return vin.kind === "chassis"
    ? " (chassis number, not checked)"
    : " (the maker uses no check digit)";
}

/** What the auction's record says; a price is a sale price only where it says "sold". */
function addSale(facts: FactBook, { auction, places, result, confirmed }: Sale): void {
  const said = places.outcome;
  const checked = { checked: confirmed };
  if (auction.outcome !== "unknown") {
    const doubt = result?.disputed === true ? DOUBT.unlikely : 1;
    facts.add("sale_status", auction.outcome, "record", said, { ...checked, doubt });
  }
  facts.add("sale_price", auction.sale_price, "record", said, checked);
  facts.add("high_bid", auction.high_bid, "record", places.high_bid ?? said, {
    checked: confirmed && (places.high_bid ?? said) === said,
  });
  facts.add("currency", auction.currency, "record", places.currency ?? said, checked);
  if (auction.outcome !== "sold") return;
  const stated = result?.date ?? null;
  const end = auction.ends_at;
  const evidence = stated === null ? `the auction's end, ${end}` : said;
  facts.add("sale_date", stated ?? end?.slice(0, 10), "record", evidence, checked);
}
