import type { Facts, FieldName } from "../../domain/fact.ts";
import { CONFIDENCE, DOUBT } from "../../extraction/confidence.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { addMake, addMileage, addVin } from "../../extraction/stated.ts";
import { driveIn } from "../../vehicle/listing_lines.ts";
import { readMileage } from "../../vehicle/mileage.ts";
import { parseTitle, type TitleReading } from "../../vehicle/title.ts";
import { readVin } from "../../vehicle/vin.ts";
import type { CabAuction } from "./auction.ts";

const LISTED: readonly FieldName[] = [
  "vin",
  "mileage",
  "engine",
  "transmission",
  "drivetrain",
  "color",
  "interior_color",
];
/** Words that stand where the site has no value. */
const NO_VALUE = /^(?:n\/?a|none|unknown|tbd|-+|not (?:specified|listed))$/i;

/** All facts of an auction, and the fields for which it has a place that is empty. */
export function factsOf(auction: CabAuction): { facts: Facts; absent: FieldName[] } {
  const facts = new FactBook();
  addIdentity(facts, auction);
  const year = facts.value("year");
  const labelled = (label: string) =>
    ({ way: "labelled", where: `${auction.form} ${label}` }) as const;
  addVin(facts, auction.vin, year, labelled("VIN"));
  addMileage(facts, auction.mileage, labelled("mileage"));
  confirmMileage(facts, auction);
  const texts = [
    ["engine", auction.engine],
    ["transmission", auction.transmission],
    ["body_style", auction.bodyStyle],
    ["color", auction.color],
    ["interior_color", auction.interiorColor],
    ["location", auction.location],
    ["seller_name", auction.seller],
  ] as const;
  for (const [field, text] of texts) {
    if (text === null || NO_VALUE.test(text)) continue;
    facts.add(field, text, "labelled", `${auction.form} ${field} "${text}"`);
  }
  const drive = auction.drivetrain;
  if (drive !== null && !NO_VALUE.test(drive)) {
    // "4WD/AWD" is the site's one word for both.
    const either = /4wd.{0,3}awd/i.test(drive) ? null : driveIn(drive);
    facts.add("drivetrain", either ?? drive, "labelled", `${auction.form} drivetrain "${drive}"`);
  }
  if (auction.description.length >= 40) {
    facts.add(
      "description",
      auction.description,
      "labelled",
      `the editor's text, ${auction.description.length} characters`,
    );
  }
  addSale(facts, auction);
  return { facts: facts.all(), absent: LISTED.filter((field) => !facts.has(field)) };
}

/**
 * Year, make and model: the title names the car, the site's groups confirm it. The group of a
 * model often has the generation in it ("991 911"), which is no part of the name.
 */
function addIdentity(facts: FactBook, auction: CabAuction): void {
  const title = namedIn(auction);
  const evidence = `title "${auction.title}"`;
  facts.add("year", auction.year, "structured", `${auction.form} year ${auction.year}`);
  const fits = auction.vin === null ? null : readVin(auction.vin, title.year)?.fitsYear;
  if (title.year !== null && auction.title.includes(String(title.year))) {
    facts.add("year", title.year, "title", evidence, { checked: fits === true });
  }
  addMake(facts, auction.make, { way: "labelled", where: `${auction.form} make` });
  // The site sells cars: a maker that is in no list is one nevertheless.
  const doubt = title.makeKnown ? 1 : DOUBT.unknownName;
  facts.add("make", title.make, "title", evidence, { doubt });
  const group = wordsOf(auction.model ?? "");
  const named = wordsOf(title.model ?? "");
  const shared = named.some((word) => group.includes(word));
  if (title.model !== null && (title.makeKnown || shared || auction.model === null)) {
    facts.add("model", title.model, "title", evidence, { checked: shared, doubt });
  }
  if (!shared) {
    facts.add("model", auction.model, "labelled", `${auction.form} model "${auction.model}"`, {
      doubt: title.model === null ? 1 : 0.7,
    });
  }
}

/**
 * What the title names. The year may stand behind the name or be stated elsewhere only; a maker that is in no
 * list is as long as the site states it.
 */
function namedIn({ title, year, make }: CabAuction): TitleReading {
  const direct = parseTitle(title);
  const ends = direct.make === null && direct.year !== null && direct.before !== "";
  const stated = direct.year ?? year;
  const read = ends
    ? parseTitle(`${stated} ${direct.before}`)
    : direct.year === null && direct.make === null && year !== null
    ? parseTitle(`${year} ${title}`)
    : direct;
  if (read.makeKnown || make === null || read.make === null) return read;
  const words = `${read.make} ${read.model ?? ""}`.trim();
  if (!words.toLowerCase().startsWith(`${make.toLowerCase()} `)) return read;
  return { ...read, make, model: words.slice(make.length).trim() };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}\d]+/u).filter((word) => word !== "");
}

/** The line under the title repeats the mileage: "1 Owner, ~32,400 Miles, 6-Speed Manual". */
function confirmMileage(facts: FactBook, auction: CabAuction): void {
  const line = readMileage(auction.subtitle);
  const held = facts.value("mileage");
  if (line === null || held === null || line.miles !== held) return;
  facts.add("mileage", held, "unlabelled", `subtitle "${auction.subtitle.slice(0, 120)}"`, {
    doubt: line.meaning === "stated" ? 1 : 0.8,
  });
}

/** What the site says of the sale; a sum is a sale price only where it says "sold". */
function addSale(facts: FactBook, { form, result, endDate }: CabAuction): void {
  const { outcome, evidence } = result;
  const checked = { checked: result.confirmed };
  if (outcome === "unknown") return;
  facts.add("sale_status", outcome, "record", evidence, checked);
  facts.add("sale_price", result.price, "record", evidence, checked);
  facts.add("high_bid", result.bid, "record", result.bidEvidence ?? evidence, checked);
  if (result.price !== null || result.bid !== null) {
    const dollars = evidence.includes("$") ? evidence : `${evidence}; the site's sums are USD`;
    facts.add("currency", "USD", "record", dollars, checked);
  }
  if (outcome === "sold") {
    facts.add("sale_date", endDate, "record", `${form}: sold, ended ${endDate}`);
  }
}

/** How sure it is that a sale price held elsewhere must go. */
export function retractionSurety({ result }: CabAuction): number {
  const row = CONFIDENCE.record;
  return result.confirmed ? row.checked : row.alone;
}
