import {
  bareColorIn,
  clean,
  driveIn,
  engineIn,
  gearsIn,
  paintIn,
  upholsteryIn,
} from "./line_forms.ts";
import { type MileageReading, readMileage } from "./mileage.ts";

export { driveIn } from "./line_forms.ts";

/** A reading with the line it was read from. */
interface LineReading<T> {
  value: T;
  line: string;
}

/** What a list of unlabelled lines says of a vehicle; `null` where no line does. */
export interface ListingLines {
  /** The text behind "Chassis:", "VIN:", "Frame:", "Serial:". */
  chassis: LineReading<string> | null;
  mileage: LineReading<MileageReading> | null;
  engine: LineReading<string> | null;
  transmission: LineReading<string> | null;
  drivetrain: LineReading<string> | null;
  color: LineReading<string> | null;
  interior_color: LineReading<string> | null;
}

/** What a line of details states; `other` is all that is no field of a vehicle. */
export type LineKind = keyof ListingLines | "seller" | "other";

interface Sorted extends Partial<Record<TextKind, string>> {
  kind: LineKind;
  miles?: MileageReading;
  /** The line is a colour and nothing else. */
  isBare?: boolean;
}

const CHASSIS =
  /^(?:assigned )?(?:chassis|vin|frame|serial|hull)(?: number| no\.?| #)?\s*[:#]\s*(.+)$/i;
const NOT_DRIVE = /\b(?:module|engager|kit|badges?|decals?|switch|conversion parts)$/i;
/** Who sells and under which number: among the details on older pages. */
const SELLER = /^(?:private party|dealer(?:ship)?$|lot\s*#|seller:|listing type:|location:)/i;
/** Says of the odometer that it tells nothing, or less than one mile. */
const ODOMETER =
  /\bTMU\b|^(?:true |total )?mileage unknown|^exempt mileage|^under one (?:mile|kilometer)\b/i;
/** "94,300, TMU": a figure without its unit, which only an odometer can show. */
const UNIT_LEFT_OUT =
  /^(~?\s?(?:\d{1,3}(?:,\d{3})+|\d{5,6}|\d{1,3}k))((?: shown| indicated)?\s?[,;(–-]?\s?\(?(?:TMU|(?:true |total )?mileage unknown)\b)/i;
/** Miles that a part has run, or since which something was done: "Tires With 500 Miles", "Serviced 2k Miles Ago". */
const OF_A_PART =
  /\b(?:tires?|clutch|brakes?|batter(?:y|ies)|timing (?:belt|chain)|spark plugs|shocks|exhaust)\b.*\bmiles?\b|\bmiles? (?:ago|prior|earlier)\b|\bmiles? on (?:the )?(?:tires?|clutch|brakes?)\b/i;
/** Engine and gearbox in one line: "4.0L Inline-Six & Four-Speed Automatic". */
const JOINED =
  /^(.*(?:V\d{1,2}|inline|flat|liter|L\b).*?)\s(?:&|and|w\/|paired with)\s?(.*(?:speed|automatic|manual).*)$/i;
/** Body and cabin in one line: "Onyx Black over Pewter Leather". */
const OVER =
  /^(.+?)(?: paint)? over (.+? (?:leather|vinyl|cloth)|.+?)(?: upholstery| interior|(?<=leather|vinyl|cloth))$/i;

/**
 * Sorts the lines of a listing's details, which carry no labels but for the chassis number:
 * "31k Miles", "2.9-Liter Flat-Six", "Six-Speed Manual Transaxle", "Arctic Silver Metallic Paint",
 * "Black Leather Upholstery". The first line of a kind wins, as the car's own stands first; a bare
 * colour ("Summit White") counts when no line is called paint.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { chassis, mileage, engine, color } = readListingLines([
 *   "Chassis: WP0AA29829U760958",
 *   "31k Miles",
 *   "2.9-Liter Flat-Six",
 *   "Arctic Silver Metallic Paint",
 * ]);
 * assert.equal(chassis?.value, "WP0AA29829U760958");
 * assert.equal(mileage?.value.miles, 31_000);
 * assert.equal(engine?.value, "2.9-Liter Flat-Six");
 * assert.equal(color?.value, "Arctic Silver Metallic");
 * ```
 */
export function readListingLines(lines: readonly string[]): ListingLines {
  const found: ListingLines = {
    chassis: null,
    mileage: null,
    engine: null,
    transmission: null,
    drivetrain: null,
    color: null,
    interior_color: null,
  };
  let bare: LineReading<string> | null = null;
  for (const line of lines) {
    const { kind: _, isBare, miles, ...values } = sortLine(line);
    if (miles !== undefined) found.mileage ??= { value: miles, line };
    for (const [field, value] of Object.entries(values) as [TextKind, string][]) {
      if (field === "color" && isBare === true) bare ??= { value, line };
      else found[field] ??= { value, line };
    }
  }
  found.color ??= bare;
  return found;
}

type TextKind = Exclude<keyof ListingLines, "mileage">;

/** What a line of details is about: "31k Miles" → `mileage`, "Dual-Range Transfer Case" → `other`. */
export function lineKind(line: string): LineKind {
  return sortLine(line).kind;
}

function sortLine(line: string): Sorted {
  if (line.length > 200) return { kind: "other" };
  const chassis = CHASSIS.exec(line)?.[1];
  if (chassis !== undefined) return { kind: "chassis", chassis };
  if (SELLER.test(line)) return { kind: "seller" };
  const drivetrain = driveIn(line) ?? undefined;
  const joined = JOINED.exec(line);
  const [engineOf, gearsOf] = [engineIn(joined?.[1] ?? ""), gearsIn(joined?.[2] ?? "")];
  if (gearsOf !== null) {
    return {
      kind: engineOf === null ? "transmission" : "engine",
      ...(engineOf === null ? {} : { engine: engineOf }),
      transmission: gearsOf,
      ...driven(drivetrain),
    };
  }
  const miles = OF_A_PART.test(line)
    ? null
    : readMileage(line.replace(UNIT_LEFT_OUT, "$1 miles$2"));
  if (miles !== null) return { kind: "mileage", miles, ...driven(drivetrain) };
  if (ODOMETER.test(line)) return { kind: "mileage" };
  const transmission = gearsIn(line);
  if (transmission !== null) return { kind: "transmission", transmission, ...driven(drivetrain) };
  const engine = engineIn(line);
  if (engine !== null) return { kind: "engine", engine, ...driven(drivetrain) };
  const over = OVER.exec(line);
  if (over !== null) {
    const color = paintIn(`${over[1]} Paint`);
    const interior_color = clean(over[2] ?? "");
    return color === null
      ? { kind: "interior_color", interior_color }
      : { kind: "color", color, interior_color };
  }
  const interior_color = upholsteryIn(line);
  if (interior_color !== null) return { kind: "interior_color", interior_color };
  const paint = paintIn(line);
  if (paint !== null) return { kind: "color", color: paint };
  const color = bareColorIn(line);
  if (color !== null) return { kind: "color", color, isBare: true };
  return drivetrain === undefined || NOT_DRIVE.test(line)
    ? { kind: "other" }
    : { kind: "drivetrain", drivetrain };
}

function driven(drivetrain: string | undefined): { drivetrain?: string } {
  return drivetrain === undefined ? {} : { drivetrain };
}
