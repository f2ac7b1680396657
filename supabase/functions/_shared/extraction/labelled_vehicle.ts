import { decodeEntities } from "../html/entities.ts";
import { withoutRelated } from "../html/related.ts";
import { textPieces } from "../html/visible_text.ts";
import { knownMake } from "../vehicle/makes.ts";
import { isPlaceholderMileage, mileageNumber, readMileage } from "../vehicle/mileage.ts";
import { isBaitPrice, priceOf } from "../vehicle/money.ts";
import type { FactBook } from "./fact_book.ts";
import { addVin } from "./stated.ts";
import { type Labelled, labelOf } from "./vehicle_labels.ts";

const MOST_PIECES = 6_000;
/** An unknown site's own label: less sure than one that its adapter knows. */
const FOREIGN = 0.84;
const UNIT = /^(?:km|kms|mi\.?|miles?|kilomet\w+|€|\$|£|eur|usd|gbp|chf|zł|pln|kr|sek)\.?$/i;

/**
 * What a page states behind labels that are known, in whatever elements (`dl`, a table's rows, a list's
 * items): field → value. A field that it states twice, differently, is left out: two vehicles, or a
 * comparison. Labels in a row (a table's head, a search's form) have no values.
 */
export function labelledValues(html: string): ReadonlyMap<Labelled, string> {
  const pieces = textPieces(withoutRelated(html), MOST_PIECES).map((piece) =>
    piece.includes("&") ? decodeEntities(piece) : piece
  );
  const found = new Map<Labelled, string | null>();
  for (let at = 0; at < pieces.length; at++) {
    const [field, value] = pairAt(pieces, at);
    if (field === null || value === "") continue;
    const held = found.get(field);
    found.set(field, held === undefined || held === value ? value : null);
  }
  return new Map([...found].filter((pair): pair is [Labelled, string] => pair[1] !== null));
}

function pairAt(pieces: readonly string[], at: number): [Labelled | null, string] {
  const piece = pieces[at] ?? "";
  const inside = /^([^:]{2,45}):\s*(\S.*)$/.exec(piece);
  if (inside !== null) {
    const label = labelOf(inside[1] ?? "");
    return [label, withUnit(inside[2] ?? "", pieces[at + 1])];
  }
  const label = labelOf(piece);
  if (label === null || isLabel(pieces[at - 1])) return [null, ""];
  const colon = pieces[at + 1] === ":" ? 1 : 0;
  const value = pieces[at + 1 + colon] ?? "";
  if (value.length > 200 || isLabel(value) || isLabel(pieces[at + 1])) return [null, ""];
  return [label, withUnit(value, pieces[at + 2 + colon])];
}

const isLabel = (piece: string | undefined) => piece !== undefined && labelOf(piece) !== null;

/** A figure whose unit stands in an element of its own. */
function withUnit(value: string, next: string | undefined): string {
  return next !== undefined && UNIT.test(next) && /\d$/.test(value) ? `${value} ${next}` : value;
}

interface LabelledOptions {
  /** `missing`: only what the facts lack. `all`: everything. */
  only: "missing" | "all";
  /** A distance without a unit is in kilometres here. */
  metric: boolean;
}

/** Enters what a page states behind labels; gives the fields that it stated. */
export function addLabelled(
  facts: FactBook,
  html: string,
  { only, metric }: LabelledOptions,
): ReadonlyMap<Labelled, string> {
  const values = labelledValues(html);
  const doubt = FOREIGN;
  const wanted = (field: Labelled) =>
    only === "all" || !facts.has(field) ? values.get(field) : undefined;
  const evidence = (field: Labelled) =>
    `labelled ${field.replace("_", " ")} "${values.get(field)}"`;
  const year = yearIn(wanted("year"));
  facts.add("year", year, "labelled", evidence("year"), { doubt });
  const make = wanted("make");
  if (make !== undefined && make.length <= 40) {
    facts.add("make", knownMake(make) ?? make, "labelled", evidence("make"), {
      doubt: knownMake(make) === null ? doubt * 0.85 : doubt,
    });
  }
  for (
    const field of [
      "model",
      "trim",
      "color",
      "interior_color",
      "engine",
      "transmission",
      "drivetrain",
      "body_style",
    ] as const
  ) {
    if (only === "missing" && field !== "model") continue;
    const value = wanted(field);
    if (value === undefined || value.length > 80 || NO_VALUE.test(value)) continue;
    facts.add(field, value, "labelled", evidence(field), { doubt });
  }
  addDistance(facts, wanted("mileage"), evidence("mileage"), metric);
  if (only === "missing") return values;
  addVin(facts, wanted("vin"), facts.value("year"), { way: "labelled", where: "labelled VIN" });
  facts.add("location", wanted("location"), "labelled", evidence("location"), { doubt });
  return values;
}

const NO_VALUE =
  /^(?:n\/?a|none|unknown|not specified|unspecified|all|any|alle|toutes?|tutt[ie]|tod[oa]s|wszystkie|select.*|-+|[?.]+)$/i;

/** "1984", "2014-05", "05/2014", "mars 2014": the one year named. */
function yearIn(value: string | undefined): number | null {
  const years = value?.match(/(?<!\d)(?:19|20)\d{2}(?!\d)/g) ?? [];
  return years.length === 1 && (value?.length ?? 99) <= 25 ? Number(years[0]) : null;
}

function addDistance(
  facts: FactBook,
  stated: string | undefined,
  evidence: string,
  metric: boolean,
) {
  if (stated === undefined || stated.length > 60) return;
  // A Swedish "mil" is ten kilometres (Statistiska centralbyrån); it is no mile.
  const tens = /^([\d\s.]{1,9})\s*mil$/i.exec(stated)?.[1];
  const read = tens === undefined ? readMileage(stated) : null;
  if (read !== null && read.meaning === "unknown") return;
  const miles = tens === undefined
    ? read?.miles ?? mileageNumber(stated, metric)
    : mileageNumber(Number(tens.replace(/[\s.]/g, "")) * 10, true);
  if (miles === null || miles < 2 || isPlaceholderMileage(miles)) return;
  const unit = read !== null || tens !== undefined;
  const shown = tens === undefined ? evidence : `${evidence}, ${tens.replace(/[\s.]/g, "")}0 km`;
  facts.add("mileage", miles, "labelled", shown, {
    doubt: unit || !metric ? FOREIGN : FOREIGN * 0.8,
  });
}

/** Enters a price that stands behind its label: one sum, and nothing that is paid by month. */
export function addLabelledPrice(facts: FactBook, stated: string | undefined): void {
  if (stated === undefined || stated.length > 60 || RATE.test(stated)) return;
  const price = priceOf(stated.replace(/\s*\([^)]*\)\s*$/, ""));
  if (price === null || price.amount <= 0 || isBaitPrice(price.amount)) return;
  const evidence = `labelled price "${stated}"`;
  facts.add("asking_price", price.amount, "labelled", evidence, { doubt: FOREIGN });
  facts.add("currency", price.currency, "labelled", evidence, { doubt: FOREIGN });
  facts.add("sale_status", "for_sale", "labelled", evidence, { doubt: FOREIGN });
}

const RATE =
  /\/\s?(?:mo|month|mois|mese|mes|maand)|per month|monthly|monat|mtl|mensile|mensual|per maand|miesi|månad|from\b|starting|ab\b|\bto\b|[–-]\s?[$€£\d].*\d/i;
