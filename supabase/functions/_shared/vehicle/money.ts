export interface Money {
  /** In units of the currency, not cents. */
  amount: number;
  /** ISO 4217; `null` where only a sign shared by several currencies was written. */
  currency: string | null;
}

const MOST = 1_000_000_000;
const CODES = ["USD", "CAD", "AUD", "NZD", "EUR", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "MXN"];
const SIGNS: Readonly<Record<string, string>> = {
  "€": "EUR",
  "£": "GBP",
  "¥": "JPY",
  "US$": "USD",
  "C$": "CAD",
  "CA$": "CAD",
  "A$": "AUD",
  "AU$": "AUD",
  "NZ$": "NZD",
};
const CODE = CODES.join("|");
const SIGN = "US\\$|CA\\$|C\\$|AU\\$|A\\$|NZ\\$|\\$|€|£|¥";
/** Thousands parted by one sign throughout, or plain digits; at most two decimals. */
const NUMBER =
  "\\d{1,3}(?<part>[,.'\\u00a0\\u202f])\\d{3}(?:\\k<part>\\d{3})*(?!\\d)(?:[.,]\\d{2}(?!\\d))?" +
  "|\\d{1,12}(?:[.,]\\d{1,2}(?!\\d))?";
const SCALE = "(?<scale>\\s?[kKmM](?![a-zA-Z]))?";
const BARE = new RegExp(`^(?<amount>${NUMBER})${SCALE}$`);
const SIGNED = new RegExp(
  `(?:\\b(?<code>${CODE})\\s*(?:${SIGN})?|(?<sign>${SIGN}))\\s*(?<amount>${NUMBER})${SCALE}`,
);
const SIGN_AFTER = new RegExp(
  `(?<![\\d.,])(?<amount>${NUMBER})\\s*(?<sign>${CODE}|€|£)(?![a-zA-Z])`,
);

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
  const before = SIGNED.exec(sample);
  const after = SIGN_AFTER.exec(sample);
  const first = before !== null && (after === null || before.index <= after.index) ? before : after;
  return first === null ? null : money(first.groups ?? {});
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
  return bare === null ? moneyIn(value) : money(bare.groups ?? {});
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

/**
 * Whether an asking price is one that sellers type to be found or because a form wants a number:
 * next to nothing, all digits the same, or digits in a row.
 */
export function isBaitPrice(amount: number): boolean {
  if (amount < 100) return true;
  const digits = String(Math.trunc(amount));
  return /^(\d)\1{3,}$/.test(digits) || (digits.length >= 4 && "1234567890".startsWith(digits));
}
