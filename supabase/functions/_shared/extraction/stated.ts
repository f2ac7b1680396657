import type { ReadingWay } from "../domain/fact.ts";
import { knownMake } from "../vehicle/makes.ts";
import { isPlaceholderMileage, mileageNumber, readMileage } from "../vehicle/mileage.ts";
import { FIRST_VIN_YEAR, readVin, type VinReading } from "../vehicle/vin.ts";
import { DOUBT } from "./confidence.ts";
import type { FactBook } from "./fact_book.ts";

/** Where a value stood: the way of reading, and the words for its evidence. */
interface Place {
  way: ReadingWay;
  where: string;
}

/** A model year that stands alone where the site states it; `null` for anything else. */
export function statedYear(stated: string | null): number | null {
  return stated !== null && /^(?:18|19|20)\d{2}$/.test(stated) ? Number(stated) : null;
}

/**
 * Enters a VIN or chassis number that stands where the site states it; what is no number of a
 * vehicle is left out. `year` is the model year stated, if any.
 */
export function addVin(
  facts: FactBook,
  stated: string | null | undefined,
  year: number | null,
  { way, where }: Place,
): void {
  const vin = typeof stated === "string" ? readVin(stated, year) : null;
  if (vin === null) return;
  facts.add("vin", vin.vin, way, `${where} "${stated}"${note(vin)}`, {
    checked: vin.checkDigit === "right" && vin.fitsYear !== false,
    doubt: vinDoubt(vin, year),
  });
}

/** Factor for what speaks against a VIN as it is stated; 1 when nothing does. */
function vinDoubt(vin: VinReading, year: number | null): number {
  if (vin.repaired) return DOUBT.repaired;
  if (vin.kind === "chassis") {
    return year !== null && year < FIRST_VIN_YEAR ? 1 : DOUBT.unusedCheckDigit;
  }
  const coded = /^[1-5]/.test(vin.vin) || vin.checkDigit === "right";
  if (vin.fitsYear === false && coded) return DOUBT.unlikely;
  if (vin.checkDigit !== "wrong") return 1;
  return /^[1-5]/.test(vin.vin) ? DOUBT.badCheckDigit : DOUBT.unusedCheckDigit;
}

function note(vin: VinReading): string {
  if (vin.fitsYear === false) return " (its tenth character is of another year)";
  if (vin.repaired) return " (a letter O, Q or I read as a digit; check digit right)";
  if (vin.checkDigit !== null) return ` (check digit ${vin.checkDigit})`;
  return vin.kind === "chassis" ? " (chassis number, not checked)" : " (no check digit)";
}

/**
 * Enters a mileage that stands where the site states it: a number of miles, "32,400", or words
 * ("30,300 Miles Shown - TMU", "54k Kilometers"). Zero, one and figures typed to fill a form are none.
 */
export function addMileage(
  facts: FactBook,
  stated: string | number | null | undefined,
  { way, where }: Place,
): void {
  if (stated === null || stated === undefined) return;
  const words = typeof stated === "string" ? readMileage(stated) : null;
  const miles = words?.miles ?? mileageNumber(stated, false);
  if (miles === null || miles < 2 || isPlaceholderMileage(miles)) return;
  const doubt = { stated: 1, shown: DOUBT.shownOnly, unknown: DOUBT.knownUntrue }[
    words?.meaning ?? "stated"
  ];
  facts.add("mileage", miles, way, `${where} "${stated}"`, { doubt });
}

/** Enters a maker's name in this database's spelling; one that is not known is less sure. */
export function addMake(
  facts: FactBook,
  stated: string | null | undefined,
  { way, where }: Place,
  doubt = 1,
): void {
  if (stated === null || stated === undefined) return;
  const known = knownMake(stated);
  facts.add("make", known ?? stated, way, `${where} "${stated}"`, {
    doubt: doubt * (known === null ? DOUBT.unknownName : 1),
  });
}
