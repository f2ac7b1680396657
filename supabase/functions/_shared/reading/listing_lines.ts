import { type MileageReading, readMileage } from "./mileage.ts";

/** A reading with the line it was read from. */
export interface LineReading<T> {
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

const CHASSIS =
  /^(?:assigned )?(?:chassis|vin|frame|serial|body|hull)(?: number| no\.?| #)?\s*[:#]\s*(.+)$/i;
const DISPLACEMENT =
  /\b\d{1,2}(?:\.\d{1,2})?[\s-‑]?(?:liters?|litres?|L)\b|\b[\d,]{2,6}(?:\.\d)?\s?(?:cc|ci|cid|cubic[- ]inch)\b/i;
const LAYOUT =
  /\b(?:V-?(?:2|4|5|6|8|10|12|16)|W-?(?:8|12|16)|(?:flat|inline|straight|slant|opposed)[\s-‑](?:two|twin|three|four|five|six|eight|\d)|[VL]-twin|parallel[- ]twin|I-?[3-8]|wankel|rotary|(?:two|three|four|five|six|eight)[- ]cylinder|four-stroke single|two-stroke single)\b/i;
const ELECTRIC = /\b(?:electric|synchronous|induction|permanent-magnet|AC|DC)\b.*\bmotors?\b/i;
/** Parts of an engine, or work done on one, are not the engine. */
const NOT_ENGINE =
  /^(?:no |removed )|\b(?:(?<!\b[LFT]-)heads?|carburet(?:or|tor|ion)s?|exhaust|headers?|intake|manifold|camshafts?|pistons?|radiator|cover|mounts?|badges?|emblems?|wheels?|tires?|brakes?|supercharger kit|rebuil[dt] (?:in|by|completed)|power steering|windows?|seats?|mirrors?|tank|battery|service[d]?|steering|kit|swap parts)\b(?<!dual exhaust)/i;
const GEARS =
  /\b(?:transmission|tra?n\w*mi\w*s+i\w*on|transaxle|gearbox|cvt|dct|pdk|dsg|tiptronic|powerglide|hydra-?matic|turboglide|dynaflow|automatic swap|manual swap|manual conversion|(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|single)[\s-‑](?:speed)(?:[\s-]\S+){0,3} (?:manual|automatic))\b/i;
/** Engine and gearbox in one line: "4.0L Inline-Six & Four-Speed Automatic". */
const JOINED =
  /^(.*(?:V\d{1,2}|inline|flat|liter|L\b).*?)\s(?:&|and|w\/|paired with)\s?(.*(?:speed|automatic|manual).*)$/i;
const GEARS_AT_END = /\b(?:manual|automatic)(?: w\/.*)?$/i;
const NOT_GEARS =
  /^(?:no |removed |rebuilt transfer)|\b(?:cooler|mounts?|transfer case|fluid|rebuil[dt] (?:in|by)|brakes?|climate|headl\w+|doors?|soft top|air suspension|steering|windows?|service[d]?|manuals\b|owner'?s? manual|service manual|engine|choke|differential|locks?|clutch(?:es)?$|wipers?|antenna|leveling|level control|pan\b)/i;
const DRIVE: readonly [RegExp, string][] = [
  [
    /\b(?:all[- ]wheel[- ]drive|AWD|quattro|4MATIC\+?|4motion|xdrive|syncro|symmetrical awd)\b/i,
    "AWD",
  ],
  [/\b(?:four[- ]wheel[- ]drive|4WD|4x4|4×4)\b/i, "4WD"],
  [/\b(?:rear[- ]wheel[- ]drive|RWD)\b/i, "RWD"],
  [/\b(?:front[- ]wheel[- ]drive|FWD)\b/i, "FWD"],
];
const COLOR_WORD =
  "black|white|silver|gr[ae]y|red|blue|green|yellow|orange|brown|beige|tan|gold|purple|bronze|maroon|burgundy|cream|ivory|champagne|teal|turquoise|pink|copper|charcoal|anthracite|pewter|copper|violet|magenta|aqua|olive|navy|lime|crimson|scarlet|rosso|nero|bianco|giallo|blu|verde|grigio|argento|azzurro|rot|weiss|schwarz|silber|blau|grün|primer|patina";
const PAINT =
  /^(.*?)\s*\b(?:re)?(?:paint(?:work)?|finish|bodywork)(?:\s+(?:w\/|with|&|over|and)\s?.*|\s+\(.*)?\.?$/i;
const REPAINTED =
  /^(?:\d{4}s? |older |glass-out |previously |partially |bare-metal )?(?:re)?(?:painted|finished|sprayed|paint|finish)\s+(?:in\s+)?(?!(?:wheels|centers|trim|by)\b)(.+)$/i;
const NOT_BODY =
  /\b(?:wheels?|rims?|calipers?|centers?|trim|accents?$|interior|protection|film|meter|wrap|rods?|bumpers?|hardware|frame|engine|underside|chassis|panels?$|hubcaps?|lips?|barrels?|grille|mirrors?|roof$|top$|touch-?up|correction|sample|removed|stripes?$|graphics?$|manual|seats?|dash\w*|neon|original paint$|partial|lower cladding$)\b/i;
const SHADE =
  `(?:[\\p{L}\\d'-]+ ){0,4}(?:${COLOR_WORD}|metallic|pearl|mica|effect|tricoat|tinted clearcoat)(?: ii| iii)?`;
const COLOR_ALONE = new RegExp(`^${SHADE}(?:,? (?:&|and|over) ${SHADE})?$`, "iu");
const UPHOLSTERY = /^(.*\S)\s+(?:upholstery|interior)(?:\s+w\/.*|\s+\(.*)?$/i;
/** Body and cabin in one line: "Onyx Black over Pewter Leather". */
const OVER =
  /^(.+?)(?: paint)? over (.+? (?:leather|vinyl|cloth)|.+?)(?: upholstery| interior|(?<=leather|vinyl|cloth))$/i;
const NOT_UPHOLSTERY =
  /^(?:re-?trimmed|reupholstered|redone|custom|new|original|full|replacement|refurbished)(?:\s+\S+)?$/i;

/**
 * Sorts the lines of a listing's details, which carry no labels but for the chassis number:
 * "31k Miles", "2.9-Liter Flat-Six", "Six-Speed Manual Transaxle", "Arctic Silver Metallic Paint",
 * "Black Leather Upholstery". The first line of a kind wins, as the car's own stands first.
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
  for (const line of lines) {
    if (line.length > 200) continue;
    const chassis = CHASSIS.exec(line)?.[1];
    if (chassis !== undefined) {
      found.chassis ??= { value: chassis, line };
      continue;
    }
    found.drivetrain ??= reading(driveIn(line), line);
    const joined = JOINED.exec(line);
    if (joined !== null && take(found, "transmission", gearsIn(joined[2] ?? ""), line)) {
      take(found, "engine", engineIn(joined[1] ?? ""), line);
      continue;
    }
    const mileage = reading(readMileage(line), line);
    if (mileage !== null) {
      found.mileage ??= mileage;
      continue;
    }
    if (take(found, "transmission", gearsIn(line), line)) continue;
    if (take(found, "engine", engineIn(line), line)) continue;
    const over = OVER.exec(line);
    if (over !== null) {
      take(found, "color", paintIn(`${over[1]} Paint`), line);
      take(found, "interior_color", clean(over[2] ?? ""), line);
      continue;
    }
    if (take(found, "interior_color", upholsteryIn(line), line)) continue;
    take(found, "color", paintIn(line), line);
  }
  found.color ??= firstColor(lines);
  return found;
}

type TextKind = Exclude<keyof ListingLines, "mileage">;

/** Keeps a reading if it is the first of its kind; says whether the line was of that kind. */
function take(found: ListingLines, kind: TextKind, value: string | null, line: string): boolean {
  if (value === null) return false;
  found[kind] ??= { value, line };
  return true;
}

function reading<T>(value: T | null, line: string): LineReading<T> | null {
  return value === null ? null : { value, line };
}

/** "Replacement 1.6-Liter Flat-Four"; not "Edelbrock V8 Intake Manifold". */
function engineIn(line: string): string | null {
  if (NOT_ENGINE.test(line.replace(/\s+w\/.*$/, ""))) return null;
  const engine = LAYOUT.test(line) || ELECTRIC.test(line) ||
    (DISPLACEMENT.test(line) && line.length < 60);
  return engine ? clean(line) : null;
}

/** "Six-Speed F1 Sequential Transaxle"; not "Transmission Cooler" and not "Automatic Climate Control". */
function gearsIn(line: string): string | null {
  if (NOT_GEARS.test(line.replace(/\s+w\/.*$/, ""))) return null;
  return GEARS.test(line) || (GEARS_AT_END.test(line) && /speed|shift/i.test(line))
    ? clean(line)
    : null;
}

/** "Quattro All-Wheel-Drive System" → "AWD". */
export function driveIn(line: string): string | null {
  return DRIVE.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

/** "Arctic Silver Metallic Paint" → "Arctic Silver Metallic"; "Repainted Green" → "Green". */
function paintIn(line: string): string | null {
  const body = line.replace(/\s+(?:w\/|over\b).*$/, "");
  const named = PAINT.exec(body)?.[1] ??
    REPAINTED.exec(body)?.[1]?.replace(/,? (?:in|by|c\.).*$/, "");
  if (named === undefined || NOT_BODY.test(body) || /\d{4}/.test(named)) return null;
  if (LAYOUT.test(named) || DISPLACEMENT.test(named)) return null;
  const color = named.replace(
    /^(?:older |original |factory |custom |repainted (?:in )?|refinished (?:in )?|worn |faded )+/i,
    "",
  )
    .replace(
      /[\s-]+(?:(?:re)?(?:paint|finish(?:ed)?|painted)|fiberglass|aluminum|plastic|original)$/i,
      "",
    )
    .replace(/-(?:finished|painted)$/i, "").trim();
  return color === "" ||
      /^(?:re|single-stage|two-stage|older|base|clear|fresh|new|matte)$/i.test(color)
    ? null
    : clean(color);
}

function upholsteryIn(line: string): string | null {
  const named = UPHOLSTERY.exec(line)?.[1];
  if (named === undefined || NOT_UPHOLSTERY.test(named) || !/\S/.test(named)) return null;
  return clean(
    named.replace(/^(?:reupholstered in|retrimmed in|custom|replacement|original)\s+/i, ""),
  );
}

/** A line that is nothing but a colour's name ("Dark Maroon Metallic"), when none is called paint. */
function firstColor(lines: readonly string[]): LineReading<string> | null {
  for (const line of lines) {
    const body = line.replace(/\s+w\/.*$/, "").trim();
    if (body.length < 50 && COLOR_ALONE.test(body) && !NOT_BODY.test(body)) {
      return { value: clean(body), line };
    }
  }
  return null;
}

function clean(text: string): string {
  return text.replace(/‑/g, "-").replace(/[\s.,;]+$/, "").trim();
}
