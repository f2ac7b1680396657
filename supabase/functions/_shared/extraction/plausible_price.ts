import type { Fact, Facts, FieldName } from "../domain/fact.ts";
import { currencyCode, moneyIn, priceOf } from "../vehicle/money.ts";
import { type SumKind, sumKind } from "../vehicle/price_words.ts";
import { CONFIDENCE, DOUBT } from "./confidence.ts";

interface Place {
  kind: SumKind;
  /** The words around the sum, for the evidence. */
  words: string;
  currency: string | null;
}

const MOST_PLACES = 40;
const GROUP = "[,.'’\\u00a0\\u2009\\u202f ]?";

/** Where a text names a sum, and as what. */
function placesOf(amount: number, text: string): Place[] {
  const whole = String(Math.trunc(amount)).replace(/\B(?=(?:\d{3})+$)/g, GROUP);
  const form = new RegExp(
    `(?<![\\d.,'’])(?<!\\d[\\u00a0 ])${whole}(?![\\d%])(?![.,'’ \\u00a0]\\d{3}(?!\\d))`,
    "g",
  );
  const places: Place[] = [];
  for (const match of text.matchAll(form)) {
    const end = match.index + match[0].length;
    const [before, behind] = [
      text.slice(Math.max(0, match.index - 60), match.index),
      text.slice(end, end + 40),
    ];
    const near = /(?:[A-Z]{0,3}\$|\b[A-Z]{3}|[€£¥₹₺]|kr|R|S?Fr\.)\s?$/.exec(before)?.[0] ?? "";
    const after = /^(?:[.,]\d{2})?\s?(?:[€£]|kr\b|zł|Kč|[A-Z]{3}\b)/.exec(behind)?.[0] ?? "";
    places.push({
      kind: sumKind(before, behind),
      words: `${before.slice(-25)}${match[0]}${behind.slice(0, 15)}`.replace(/\s+/g, " ").trim(),
      currency: moneyIn(`${near}${match[0]}${after}`)?.currency ?? null,
    });
    if (places.length === MOST_PLACES) break;
  }
  return places;
}

/**
 * The price asked against the page that shows it. A sum that the page calls a rate, an estimate or a
 * part everywhere is no price; one that it calls the list price yields to the one that it calls the price.
 */
export function plausiblePrice(facts: Facts, text: string, year: number): Facts {
  const price = facts.asking_price;
  if (price === undefined) return facts;
  const places = placesOf(price.value, text);
  const kinds = new Set(places.map(({ kind }) => kind));
  const only = (...some: SumKind[]) =>
    kinds.size > 0 && [...kinds].every((kind) => some.includes(kind));
  if (only("rate", "estimate", "part")) return without(facts, "asking_price", "currency");
  const checked = withCurrency(facts, places);
  if (only("list")) return { ...checked, asking_price: besideList(price, text, places) };
  if (kinds.has("rate") && !kinds.has("asked")) {
    const words = places.find(({ kind }) => kind === "rate")?.words ?? "";
    return { ...checked, asking_price: held(price, `the page "${words}"`) };
  }
  const least = leastPrice(facts, year);
  return price.value >= least
    ? checked
    : { ...checked, asking_price: held(price, `a vehicle of ${facts.year?.value} in ${year}`) };
}

/** A sum called the price, below the list price; the list price itself, unsure, where there is no single one. */
function besideList(
  price: Fact<"asking_price">,
  text: string,
  places: readonly Place[],
): Fact<"asking_price"> {
  const listed = places[0]?.words ?? "";
  const sums = new Map<number, string>();
  for (
    const match of text.matchAll(
      /(?<![\d.,])\d{1,3}(?:[,.'’\u00a0\u202f ]\d{3}){1,2}(?!\d)|(?<![\d.,])\d{4,7}(?![\d.,])/g,
    )
  ) {
    const amount = priceOf(match[0])?.amount ?? 0;
    if (amount >= price.value || amount < price.value / 3) continue;
    const [before, behind] = [
      text.slice(Math.max(0, match.index - 60), match.index),
      text.slice(match.index + match[0].length),
    ];
    if (sumKind(before, behind.slice(0, 40)) === "asked") {
      sums.set(amount, `${before.slice(-25)}${match[0]}`);
    }
  }
  const [[amount, words] = [], ...more] = [...sums];
  if (amount === undefined || words === undefined || more.length > 0) {
    return held(price, `the page "${listed}"`);
  }
  return {
    value: amount,
    way: "prose",
    confidence: CONFIDENCE.prose.alone,
    evidence: `page "${words.trim()}"; but ${price.evidence}, "${listed}"`.slice(0, 600),
  };
}

/** The currency that stands beside the sum wherever the page shows it, against the one of the markup. */
function withCurrency(facts: Facts, places: readonly Place[]): Facts {
  const signs = new Set(places.flatMap(({ currency }) => currency === null ? [] : [currency]));
  const [sign] = signs;
  const words = places.find(({ currency }) => currency === sign)?.words ?? "";
  if (sign === undefined || signs.size > 1 || currencyCode(sign) === null) return facts;
  const { currency } = facts;
  if (currency?.value === sign) return facts;
  const unsure = currency === undefined ? CONFIDENCE.prose.checked : DOUBT.unlikely;
  const against = currency === undefined ? "" : `; but ${currency.evidence}`;
  return {
    ...facts,
    currency: {
      value: sign,
      way: "prose",
      confidence: unsure,
      evidence: `page "${words}"${against}`.slice(0, 600),
    },
  };
}

/** How many of a currency's units make about one dollar, in round figures. */
const UNITS: Readonly<Record<string, number>> = {
  SEK: 8,
  NOK: 8,
  DKK: 6,
  CZK: 20,
  ZAR: 15,
  MXN: 15,
  THB: 30,
  PHP: 50,
  TWD: 30,
  INR: 70,
  JPY: 100,
  HUF: 300,
  KRW: 1_000,
  ISK: 120,
  PLN: 3,
  AED: 3,
  SAR: 3,
  QAR: 3,
  ILS: 3,
  TRY: 30,
  UAH: 30,
  HKD: 7,
  CNY: 6,
  BRL: 4,
  MYR: 4,
  RON: 4,
}; // prettier-ignore

/** What no vehicle of its age costs less than: the sum is then a rate, a deposit or a lure. */
function leastPrice(facts: Facts, now: number): number {
  if (facts.year === undefined) return 0;
  const age = now - facts.year.value;
  return (age <= 1 ? 2_000 : age <= 4 ? 1_500 : age <= 8 ? 600 : 0) *
    (UNITS[facts.currency?.value ?? ""] ?? 1);
}

/** A fact that something speaks against: below 0.5, with both shown. */
export function held<F extends FieldName>(fact: Fact<F>, against: string): Fact<F> {
  if (fact.confidence <= DOUBT.unlikely) return fact;
  return {
    ...fact,
    confidence: DOUBT.unlikely,
    evidence: `${fact.evidence.slice(0, 400)}; but ${against}`.slice(0, 600),
  };
}

function without(facts: Facts, ...fields: (keyof Facts)[]): Facts {
  return Object.fromEntries(
    Object.entries(facts).filter(([field]) => !fields.includes(field as keyof Facts)),
  ) as Facts;
}
