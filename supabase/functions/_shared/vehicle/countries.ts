/** What a country's cars are priced and measured in, by the country at the end of a host's name (ISO 3166, ISO 4217). */
const CURRENCIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "de fr it es nl be at fi ie pt lu gr sk si ee lv lt hr".split(" ").map((one) => [one, "EUR"]),
  ),
  ...{
    uk: "GBP",
    ca: "CAD",
    au: "AUD",
    nz: "NZD",
    ch: "CHF",
    se: "SEK",
    no: "NOK",
    dk: "DKK",
    is: "ISK",
  },
  ...{
    pl: "PLN",
    cz: "CZK",
    hu: "HUF",
    ro: "RON",
    bg: "BGN",
    tr: "TRY",
    ua: "UAH",
    za: "ZAR",
    ae: "AED",
  },
  ...{
    sa: "SAR",
    qa: "QAR",
    jp: "JPY",
    in: "INR",
    hk: "HKD",
    sg: "SGD",
    my: "MYR",
    th: "THB",
    ph: "PHP",
  },
  ...{ tw: "TWD", kr: "KRW", cn: "CNY", il: "ILS", mx: "MXN", br: "BRL" },
};
/** Currencies of the countries whose odometers count miles. */
const MILE_CURRENCIES = new Set(["USD", "GBP"]);

/** The currency of a host's country; `null` for hosts of none ("dealer.com"). */
export function currencyOfHost(host: string): string | null {
  return CURRENCIES[host.split(".").at(-1)?.toLowerCase() ?? ""] ?? null;
}

/**
 * Whether odometers count kilometres where a price is in this currency, or else at this host.
 *
 * @example
 * ```ts
 * import { countsKilometers } from "./countries.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(countsKilometers("CAD", "dealer.com"), true);
 * assert.equal(countsKilometers(null, "dealer.de"), true);
 * assert.equal(countsKilometers("USD", "dealer.com"), false);
 * ```
 */
export function countsKilometers(currency: string | null, host: string): boolean {
  const known = currency ?? currencyOfHost(host);
  return known !== null && !MILE_CURRENCIES.has(known);
}
