import { readMileage } from "../../vehicle/mileage.ts";
import { isBaitPrice, type Money, moneyIn, priceOf } from "../../vehicle/money.ts";
import { parseTitle, type TitleReading } from "../../vehicle/title.ts";
import { vinsInProse } from "../../vehicle/vin.ts";
import type { FactBook } from "../fact_book.ts";

/** What a page's meta tags, made for being shared, say of one vehicle that is offered. */
interface SharedVehicle {
  title: TitleReading;
  heading: string;
  price: Money | null;
  /** The price stood in a tag of its own, not in a sentence. */
  priceTagged: boolean;
  summary: string;
  /** As a tag states it: "in stock", "oos"; `null` where none does. */
  availability: string | null;
}

/** What tags say is written for an eye-catching card: never sure. */
const CARD = 0.7;

/** Where the name of the vehicle ends: the offer, the place or the site's name follows. */
const NAME_ENDS =
  /\s(?:for sale|for\s\$|\$|[|•·–—-]\s|stock\s?#|vin\b|in\s[A-Z][\w. ]+,\s?[A-Z]{2}\b|at\s[A-Z]|near\s|with\s|\().*$/i;
const OF_SEVERAL =
  /\bnear (?:me|you)\b|\b(?:from|starting at|as low as|under|up to) \$|\b[\d,]+\+? (?:listings|results|vehicles|cars|trucks|matches|available)\b|\b(?:listings|inventory|cars|trucks|vehicles)\b.{0,20}\bfor sale\b|\bsearch\b|\bcompare\b|\bprices? (?:and|&|,)/i;
const NO_OFFER =
  /\b(?:reviews?|specs|specifications|msrp|news|guides?|vs|comparison|recalls?|lease|deals|auction results?|history of|wallpapers?|pictures|photos of|how to|top \d+|best|parts|wheels|rims|bumper|headlights?|tail ?lights?|floor mats|manual for|owner'?s manual|brochure|poster|diecast|die-cast|scale|toy|decals?|key fob|rental|rent)\b/i;
const ITEM_TYPE = /^(?:product(?:\.item)?|og:product|vehicle|car|auto(?:mobile)?|item)$/i;

/**
 * The vehicle that a page's Open Graph (and Twitter) tags offer: they must name a year and a known
 * maker, state a price, and stand at the address of one thing. `null` for anything less, for lists,
 * and for pages about a model rather than a car.
 */
export function sharedVehicle(
  tags: ReadonlyMap<string, string>,
  pageTitle: string,
  url: string,
): SharedVehicle | null {
  const heading = tags.get("og:title") ?? tags.get("twitter:title") ?? pageTitle;
  const summary = tags.get("og:description") ?? tags.get("description") ?? "";
  const title = parseTitle(heading.replace(NAME_ENDS, ""));
  if (title.year === null || !title.makeKnown || title.model === null) return null;
  if (OF_SEVERAL.test(heading) || OF_SEVERAL.test(summary) || NO_OFFER.test(heading)) return null;
  const tagged = taggedPrice(tags);
  const price = tagged ?? moneyIn(heading) ?? saidPrice(summary);
  if (price === null || isBaitPrice(price.amount)) return null;
  const type = tags.get("og:type") ?? "";
  const ofOneThing = tagged !== null || ITEM_TYPE.test(type) || namesOneThing(url, title.year);
  if (!ofOneThing || (tagged === null && /^(?:article|blog|video|profile)/i.test(type))) {
    return null;
  }
  const availability = tags.get("product:availability") ?? tags.get("og:availability") ?? null;
  return { title, heading, price, priceTagged: tagged !== null, summary, availability };
}

function taggedPrice(tags: ReadonlyMap<string, string>): Money | null {
  const text = ["product:price:amount", "og:price:amount", "product:sale_price:amount"]
    .map((name) => tags.get(name)).find((value) => value !== undefined) ?? cardPrice(tags);
  const money = text === undefined ? null : priceOf(text);
  if (money === null || money.amount <= 0) return null;
  const code = tags.get("product:price:currency") ?? tags.get("og:price:currency");
  return /^[A-Z]{3}$/.test(code ?? "") ? { ...money, currency: code ?? null } : money;
}

/** Twitter's cards have pairs of label and value: "Price", "$22,995". */
function cardPrice(tags: ReadonlyMap<string, string>): string | undefined {
  for (const at of ["1", "2"]) {
    if (/^(?:our |sale |asking )?price$/i.test(tags.get(`twitter:label${at}`) ?? "")) {
      return tags.get(`twitter:data${at}`);
    }
  }
  return undefined;
}

/** A sum that a sentence calls the price: "for $20,997", "Price: $9,500". */
function saidPrice(text: string): Money | null {
  const said =
    /\b(?:for(?: only| just)?|price[d:]*(?: at)?|asking|listed (?:at|for))\s*((?:US)?\$[\d,]{3,12}(?:\.\d\d)?)/i
      .exec(text)?.[1];
  return said === undefined ? null : moneyIn(said);
}

/** Whether an address has a number in it that is no year: that of the thing. */
function namesOneThing(url: string, year: number): boolean {
  const path = /^https?:\/\/[^/]+(\/.*)$/i.exec(url)?.[1] ?? "";
  const numbers = path.match(/(?<![a-z\d])[a-z]{0,3}\d{4,}(?![a-z\d])|[A-HJ-NPR-Z\d]{17}/gi) ?? [];
  return numbers.some((number) => number !== String(year));
}

/** Enters what the tags say; nothing of it is sure. `bids`: the sum named is a bid and no price. */
export function addShared(
  facts: FactBook,
  vehicle: SharedVehicle,
  url: string,
  bids: boolean,
): void {
  const { title, heading, price, summary } = vehicle;
  const evidence = `shared as "${heading.slice(0, 150)}"`;
  const card = { doubt: CARD };
  facts.add("year", title.year, "title", evidence, card);
  facts.add("make", title.make, "title", evidence, card);
  facts.add("model", title.model, "title", evidence, card);
  const words = `${heading} ${summary} ${readableUrl(url).replace(/[/_?=&.-]+/g, " ")}`;
  const vins = vinsInProse(words, title.year);
  if (vins.length === 1 && vins[0]?.checkDigit === "right") {
    facts.add(
      "vin",
      vins[0].vin,
      "prose",
      `the page's title, summary or address "${vins[0].vin}" (check digit right)`,
      {
        checked: vins[0].fitsYear !== false,
      },
    );
  }
  const mileage = readMileage(summary) ?? readMileage(heading);
  if (mileage !== null && mileage.meaning === "stated" && mileage.miles > 100) {
    facts.add(
      "mileage",
      mileage.miles,
      "prose",
      `summary "${(readMileage(summary) === null ? heading : summary).slice(0, 280)}"`,
    );
  }
  // A sum beside "sold" or "bid" is not what is asked.
  if (bids || price === null || /\b(?:sold|bid|hammer)\b/i.test(`${heading} ${summary}`)) return;
  const way = vehicle.priceTagged ? "structured" : "prose";
  const doubt = vehicle.priceTagged ? card : {};
  facts.add("asking_price", price.amount, way, `${evidence}, price ${price.amount}`, doubt);
  const sum = `${evidence}, price ${price.amount} ${price.currency}`;
  facts.add("currency", price.currency, way, sum, doubt);
  addStatus(facts, vehicle, way, evidence);
}

/** For sale by its price, unless a tag says that it is not in stock. */
function addStatus(
  facts: FactBook,
  { availability, priceTagged }: SharedVehicle,
  way: "structured" | "prose",
  evidence: string,
): void {
  const doubt = priceTagged ? { doubt: CARD } : {};
  const place = `tag for availability "${availability}"`;
  if (availability === null || /^(?:in ?stock|available|instock)\b/i.test(availability.trim())) {
    facts.add("sale_status", "for_sale", way, `${evidence}, with a price`, doubt);
  } else if (/^(?:oos|out ?of ?stock|sold)\b/i.test(availability.trim())) {
    facts.add("sale_status", "sold", way, place, { doubt: CARD });
  }
}

function readableUrl(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}
