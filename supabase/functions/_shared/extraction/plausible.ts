import type { Facts } from "../domain/fact.ts";
import { hostOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import { decodeEntities } from "../html/entities.ts";
import { visibleText } from "../html/visible_text.ts";
import { currencyOfHost } from "../vehicle/countries.ts";
import { tooEarly } from "../vehicle/makers_since.ts";
import { checkDigitFits } from "../vehicle/vin.ts";
import { modelYearsOf } from "../vehicle/vin_year.ts";
import { isMakersVin, makersOfVin } from "../vehicle/wmi.ts";
import { CONFIDENCE } from "./confidence.ts";
import { plausibleMileage } from "./plausible_mileage.ts";
import { held, plausiblePrice } from "./plausible_price.ts";
import { plausibleStatus } from "./plausible_status.ts";

const TEXT_READ = 60_000;

/**
 * What a page's markup states, against the page's own text and what is known of vehicles: what cannot
 * be is held below 0.5 with both places in its evidence, and gone where the page itself says that it is
 * something else (a rate by the month).
 */
export function plausible(facts: Facts, page: Page): Facts {
  const text = decodeEntities(visibleText(page.body, TEXT_READ)).replace(/\s+/g, " ");
  const year = Number(page.fetchedAt.slice(0, 4));
  const priced = plausiblePrice(plausibleStatus(facts, page.body), text, year);
  return plausibleVin(
    plausibleYear(plausibleMileage(withHostsCurrency(priced, page), text, year), year),
  );
}

/** A model year comes out at most two years before its number, and not before its maker. */
function plausibleYear(facts: Facts, now: number): Facts {
  const { year, make } = facts;
  if (year === undefined) return facts;
  if (Number(year.value) > now + 2) return { ...facts, year: held(year, `the page is of ${now}`) };
  if (make === undefined || !tooEarly(String(make.value), Number(year.value))) return facts;
  return {
    ...facts,
    year: held(year, `make "${make.value}" is younger`),
    make: held(make, `year ${year.value} is before it`),
  };
}

/** The currency of the site's country, where price and markup name none. */
function withHostsCurrency(facts: Facts, page: Page): Facts {
  const host = hostOf(page.url);
  const currency = currencyOfHost(host);
  if (facts.asking_price === undefined || facts.currency !== undefined || currency === null) {
    return facts;
  }
  const evidence = `a price without a currency at ${host}, whose country's is ${currency}`;
  return {
    ...facts,
    currency: { value: currency, way: "prose", confidence: CONFIDENCE.prose.alone, evidence },
  };
}

/**
 * A VIN against the year and the maker: its tenth character where the law gives it a meaning (49 CFR 565.15),
 * its first three where one maker alone uses them.
 */
function plausibleVin(facts: Facts): Facts {
  const { vin, year, make } = facts;
  if (vin === undefined) return facts;
  const number = String(vin.value);
  const coded = number.length === 17 && (/^[1-5]/.test(number) || checkDigitFits(number));
  const years = coded ? modelYearsOf(number) : [];
  const another = year !== undefined && years.length > 0 &&
    !years.some((one) => Math.abs(one - Number(year.value)) <= 1);
  if (another) {
    // A year that only one place states may as well be the wrong one.
    const alone = !year.evidence.includes("; ");
    return {
      ...facts,
      vin: held(vin, `year ${year.value} (${year.evidence.slice(0, 80)})`),
      ...(alone ? { year: held(year, `VIN "${number}"`) } : {}),
    };
  }
  const name = String(make?.value ?? "");
  if (isMakersVin(number, name)) return facts;
  const builder = makersOfVin(number)?.[0];
  return { ...facts, vin: held(vin, `make "${name}", and this VIN is of ${builder}`) };
}
