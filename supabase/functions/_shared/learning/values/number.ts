import type { Convention, DecimalMark, FactValue, Reading, TypeReader } from "./type.ts";

/** Digits in groups of two or three (1,234.50, 1.234,50, 1 234,50, 1'234.50, 1,23,456), or without. */
const NUMBER =
  /(?<![\p{L}\d.,]|\d[-–])[-−]?(?:\d{1,3}(?:[.,'’ \u00a0\u202f]\d{2,3})*[.,'’ \u00a0\u202f]\d{3}|\d{1,15})(?:[.,]\d{1,4})?(?:[kK](?![\p{L}\d]))?(?![\p{L}\d]|[.,]\d|[-–]\d)/gu;
/** The same where letters stand at it: "12EUR", "180km", "USD12.50". */
const GLUED =
  /(?<![\d.,]|\d[-–])[-−]?(?:\d{1,3}(?:[.,'’]\d{2,3})*[.,'’]\d{3}|\d{1,15})(?:[.,]\d{1,4})?(?:[kK](?![\p{L}\d]))?(?!\d|[.,]\d|[-–]\d)/gu;
const SIGN = "[$€£¥₹₽₩₪₺₴฿]|(?:US|CA|AU|NZ|HK|A|C|R)\\$|kr\\.?|zł|Kč|Ft|lei|лв|CHF|Fr\\.|руб\\.?";
const CODES =
  "USD|EUR|GBP|CHF|JPY|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|INR|BRL|MXN|ZAR|TRY|RUB|CNY|RON";
const CURRENCY = `(?:${SIGN}|${CODES}|Rs\\.?|R)`;
const BEFORE = new RegExp(`(?<!\\p{L})${CURRENCY}\\s?$|[$€£¥₹]\\s?$`, "iu");
const AFTER = new RegExp(`^\\s?${CURRENCY}(?!\\p{L})|^,[-–—]+\\s?${CURRENCY}?`, "iu");
/** A round sum is written "25,- €" and "25,–". */
const DASH = /^,[-–—]+/;

/**
 * What digits mean when their decimal mark is this one; null when they cannot be written so.
 */
function numberOf(digits: string, decimal: DecimalMark): number | null {
  const bare = digits.replace(/[\s'’]/g, "").replace("−", "-");
  const [whole = "", fraction, ...more] = bare.split(decimal);
  if (more.length > 0) return null;
  const group = decimal === "." ? "," : ".";
  if (fraction?.includes(group)) return null;
  const groups = whole.split(group);
  const grouped = groups.length > 1;
  if (grouped && (groups.at(-1)?.length !== 3 || groups.slice(1).some((one) => one.length < 2))) {
    return null;
  }
  return Number(groups.join("") + (fraction === undefined ? "" : `.${fraction}`));
}

function readings(match: RegExpMatchArray): Reading[] {
  const start = match.index ?? 0;
  const place = { start, end: start + match[0].length };
  const digits = match[0].replace(/k$/i, "");
  // "36k" is 36,000.
  const times = digits === match[0] ? 1 : 1_000;
  const inFull = (value: number | null) => value === null ? null : value * times;
  const [point, comma] = [inFull(numberOf(digits, ".")), inFull(numberOf(digits, ","))];
  const mostly = mostlyMeant(digits);
  const found: Reading[] = [];
  for (const [decimal, value] of [[".", point], [",", comma]] as const) {
    if (value === null) continue;
    if (point === comma) return [{ ...place, normal: String(value) }];
    const reading: Reading = { ...place, normal: String(value), convention: decimal };
    if (decimal === mostly) found.unshift(reading);
    else found.push(reading);
  }
  return found;
}

/** "1.234" and "1,234" are thousands; "12.5" and "12,50" are fractions. */
function mostlyMeant(digits: string): DecimalMark {
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  const mark = digits[last] === "," ? "," : ".";
  const other = mark === "." ? "," : ".";
  const thousands = digits.length - last - 1 === 3 && !digits.includes(other);
  return thousands ? other : mark;
}

function matches(text: string): RegExpMatchArray[] {
  if (!/\d/.test(text)) return [];
  const apart = [...text.matchAll(NUMBER)];
  return apart.length > 0 ? apart : [...text.matchAll(GLUED)];
}

function normal(value: FactValue): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  const [only, ...more] = matches(value.trim());
  if (only === undefined || more.length > 0) return null;
  return readings(only)[0]?.normal ?? null;
}

function choose(match: RegExpMatchArray, convention: Convention | null): Reading[] {
  const all = readings(match);
  const known = all.find((one) => one.convention === undefined || one.convention === convention);
  const first = known ?? (convention === null ? all[0] : undefined);
  return first === undefined ? [] : [first];
}

/** Numbers, grouped and with fractions as any country writes them. */
export const number: TypeReader = {
  normal,
  find(text, normal) {
    // However digits are grouped, those before the fraction follow each other. Most texts fail this.
    const whole = (/\d+/.exec(normal)?.[0] ?? "").replace(/0+$/, "");
    if (!text.replace(/\D+/g, "").includes(whole)) return [];
    return matches(text).flatMap(readings).filter((reading) => reading.normal === normal);
  },
  read: (text, convention) => matches(text).flatMap((match) => choose(match, convention)),
};

/** A sum, with its currency's sign or code where one stands beside it. */
function withCurrency(text: string, reading: Reading): Reading | null {
  const before = BEFORE.exec(text.slice(Math.max(0, reading.start - 6), reading.start))?.[0] ?? "";
  const rest = text.slice(reading.end, reading.end + 10);
  const after = AFTER.exec(rest)?.[0] ?? "";
  if (before === "" && after.replace(DASH, "") === "") return null;
  return { ...reading, start: reading.start - before.length, end: reading.end + after.length };
}

/** Whether a sum, as it is written, has its currency beside it. */
export function hasCurrency(written: string): boolean {
  return /[^\d\s.,'’−–-]/u.test(written);
}

/** Sums of money. Where a text names a currency, its numbers without one are no sums. */
export const money: TypeReader = {
  normal,
  find(text, normal) {
    return number.find(text, normal).map((one) => withCurrency(text, one) ?? one);
  },
  read(text, convention) {
    const all = number.read(text, convention);
    const sums = all.flatMap((one) => withCurrency(text, one) ?? []);
    return sums.length > 0 ? sums : all;
  },
};
