import { GROUP_SIGNS, groupedPattern } from "./numbers.ts";

export interface Money {
  /** In units of the currency, not cents. */
  amount: number;
  /** ISO 4217; `null` where only a sign shared by several currencies was written. */
  currency: string | null;
}

const MOST = 1_000_000_000;
/** Codes that stand beside prices of cars (ISO 4217). */
const CODES =
  ("USD CAD AUD NZD EUR GBP CHF JPY SEK NOK DKK ISK PLN CZK HUF RON BGN TRY UAH ZAR AED SAR QAR KWD " +
    "BHD OMR INR HKD SGD MYR THB PHP TWD KRW CNY ILS MXN BRL").split(" ");
/** Signs of one currency each. `$`, `kr` and `R` are several countries': their page says which. */
const SIGNS: Readonly<Record<string, string | null>> = {
  "€": "EUR",
  "£": "GBP",
  "¥": "JPY",
  "₹": "INR",
  "₺": "TRY",
  "zł": "PLN",
  "Kč": "CZK",
  "Ft": "HUF",
  "Fr.": "CHF",
  "SFr.": "CHF",
  "US$": "USD",
  "C$": "CAD",
  "CA$": "CAD",
  "A$": "AUD",
  "AU$": "AUD",
  "NZ$": "NZD",
  "HK$": "HKD",
  "S$": "SGD",
  "R$": "BRL",
  "$": null,
  "kr": null,
  "R": "ZAR",
};
const CODE = CODES.join("|");
const SIGN = "US\\$|CA\\$|C\\$|AU\\$|A\\$|NZ\\$|HK\\$|S\\$|R\\$|\\$|€|£|¥|₹|₺|S?Fr\\.";
/** Where a plain space parts thousands; beside a dollar or a pound it parts two numbers. */
const SPACING = `${
  CODES.filter((code) => !/^(?:USD|GBP)$/.test(code)).join("|")
}|€|kr|zł|Kč|Ft|S?Fr\\.`;
/** Thousands parted by one sign throughout, lakhs as in India, or plain digits; at most two decimals. */
const NUMBER = `${groupedPattern(GROUP_SIGNS, "part")}(?:[.,]\\d{2}(?!\\d))?` +
  "|\\d{1,2}(?:,\\d{2})+,\\d{3}(?!\\d)|\\d{1,12}(?!\\d| \\d{3}(?!\\d))(?:[.,]\\d{1,2}(?!\\d))?";
const SPACED = `${groupedPattern(" ", "part")}(?:[.,]\\d{2}(?!\\d))?`;
const SCALE = "(?<scale>\\s?[kKmM](?![a-zA-Z]))?";
/** Swiss and northern prices end in a dash for the cents that are none. */
const DASH = "(?:[.,]?[-–—])?";
const BARE = new RegExp(`^(?<amount>${SPACED})${DASH}$|^(?<amount>${NUMBER})${SCALE}${DASH}$`);
const SIGNED = new RegExp(
  `(?:\\b(?<code>${CODE})\\s*(?:${SIGN})?|(?<sign>${SIGN}))\\s*(?<amount>${NUMBER})${SCALE}`,
);
const SIGNED_SPACED = new RegExp(
  `(?<![\\p{L}\\d])(?<sign>${SPACING}|R)\\s*(?<amount>${SPACED})(?![\\p{L}\\d])`,
  "u",
);
const SIGN_AFTER = new RegExp(
  `(?<![\\d.,]|\\d )(?<amount>${NUMBER})${DASH}\\s*(?<sign>${CODE}|€|£|kr|zł|Kč|Ft)(?![\\p{L}])`,
  "u",
);
const SPACED_SIGN_AFTER = new RegExp(
  `(?<![\\d.,])(?<amount>${SPACED})${DASH}\\s*(?<sign>${SPACING})(?![\\p{L}])`,
  "u",
);
/** A rand sign before a figure as long as a car's price; a shorter one is a model ("R 1200 GS"). */
const RAND =
  /^\s*R\s?(?<amount>\d{5,9}|\d{2,3}[,\u00a0\u2009\u202f]\d{3}|\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3}){2})(?:[.,]\d{2})?\s*$/;

/**
 * The first sum written with a currency in a text: "USD $42,000", "€ 12.500", "$308k".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(moneyIn("Sold for USD $42,000 on 4/24/26"), { amount: 42_000, currency: "USD" });
 * assert.deepEqual(moneyIn("VB € 12.500"), { amount: 12_500, currency: "EUR" });
 * assert.equal(moneyIn("42,000 miles"), null);
 * ```
 */
export function moneyIn(text: string): Money | null {
  const sample = text.length > 2_000 ? text.slice(0, 2_000) : text;
  if (!/\d/.test(sample)) return null;
  const found = [SPACED_SIGN_AFTER, SIGNED_SPACED, SIGNED, SIGN_AFTER].map((form) =>
    form.exec(sample)
  )
    .filter((match) => match !== null);
  const [first] = found.sort((one, other) => one.index - other.index);
  return first === undefined ? null : money(first.groups ?? {});
}

/**
 * A price as a field holds it: a bare number too ("20997", "16995.00"); `null` for anything else.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(priceOf("16995.00"), { amount: 16_995, currency: null });
 * assert.deepEqual(priceOf("$9,500"), { amount: 9_500, currency: null });
 * assert.equal(priceOf("Call for price"), null);
 * ```
 */
export function priceOf(value: unknown): Money | null {
  if (typeof value === "number") {
    return value >= 0 && value <= MOST ? { amount: value, currency: null } : null;
  }
  if (typeof value !== "string") return null;
  const bare = BARE.exec(value.trim());
  if (bare !== null) return money(bare.groups ?? {});
  const rand = RAND.exec(value)?.groups;
  return rand === undefined ? moneyIn(value) : money({ ...rand, sign: "R" });
}

function money({ amount: digits, scale, code, sign }: Record<string, string>): Money | null {
  if (digits === undefined) return null;
  const cents = /[.,](\d{1,2})$/.exec(digits);
  const whole = cents === null ? digits : digits.slice(0, -cents[0].length);
  const factor = scale === undefined ? 1 : /k/i.test(scale) ? 1_000 : 1_000_000;
  const amount = Number(`${whole.replace(/[^\d]/g, "")}.${cents?.[1] ?? "0"}`) * factor;
  if (!(amount <= MOST)) return null;
  const currency = code ??
    (sign === undefined ? null : SIGNS[sign] ?? (CODES.includes(sign) ? sign : null));
  return { amount: Math.round(amount * 100) / 100, currency };
}

/** A currency's code of a code or a sign that a field holds ("eur", "€", "US$"); `null` for others. */
export function currencyCode(text: string | null): string | null {
  const bare = text?.trim() ?? "";
  return SIGNS[bare] ?? (/^[A-Za-z]{3}$/.test(bare) ? bare.toUpperCase() : null);
}

/**
 * Whether an asking price is one that sellers type to be found or because a form wants a number:
 * next to nothing, all digits the same, or digits in a row.
 */
export function isBaitPrice(amount: number): boolean {
  if (amount < 100) return true;
  const digits = String(Math.trunc(amount));
  return /^(\d)\1{3,}$/.test(digits) || (digits.length >= 4 && "1234567890".startsWith(digits));
}
