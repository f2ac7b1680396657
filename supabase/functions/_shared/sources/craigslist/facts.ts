import type { Extraction } from "../../domain/extraction.ts";
import type { FieldName } from "../../domain/fact.ts";
import { DOUBT } from "../../extraction/confidence.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { textOf } from "../../html/json_region.ts";
import { knownMake } from "../../vehicle/makes.ts";
import { distancesIn, mileageNumber } from "../../vehicle/mileage.ts";
import { priceOf } from "../../vehicle/money.ts";
import { FIRST_VIN_YEAR, readVin, vinsInProse } from "../../vehicle/vin.ts";
import { readAskingPrice } from "./asking_price.ts";
import { addEngine, addForm } from "./form_facts.ts";
import { readOdometer } from "./odometer.ts";
import { postOfferOf } from "./post_offer.ts";
import type { Post } from "./post.ts";
import { addressOf, offerOf } from "./product.ts";
import { withoutSearchWords } from "./search_terms.ts";
import { addIdentity } from "./seller_identity.ts";
import type { NamedVehicle } from "./seller_title.ts";

/** Fields for which the form has a row that a seller may leave out. */
const IN_FORM: readonly FieldName[] = [
  "vin",
  "mileage",
  "color",
  "engine",
  "transmission",
  "drivetrain",
];

/** All facts of a post, and the fields for which it has a place that is empty. */
export function factsOf(
  post: Post,
  names: { titled: NamedVehicle; formed: NamedVehicle },
  seller: { kind: string; evidence: string } | null,
  region: string | null,
): { facts: Extraction["facts"]; absent: FieldName[] } {
  const facts = new FactBook();
  const own = withoutSearchWords(post.body);
  const text = `${post.title}\n${own}`;
  const vin = addVin(facts, post);
  const { year } = addIdentity(facts, {
    title: post.title,
    formYear: post.form.year,
    formText: post.form.makeModel,
    ...names,
    description: own,
    vin,
    decoded: {
      year: Number(post.decoded.get("year") ?? post.decoded.get("model year")) || null,
      make: knownMake(post.decoded.get("make") ?? ""),
    },
    posted: post.posted,
  });
  addMileage(facts, post, text, year, region);
  addForm(facts, post, own);
  addEngine(facts, post, names.titled, own);
  addSale(facts, post, own, region);
  if (seller !== null) facts.add("seller_name", seller.kind, "labelled", seller.evidence);
  addPlace(facts, post);
  if (/\p{L}{2}/u.test(post.body.replace(/https?:\/\/\S+/g, ""))) {
    facts.add(
      "description",
      post.body,
      "labelled",
      `the post's text, ${post.body.length} characters`,
    );
  }
  const absent = IN_FORM.filter((field) => !facts.has(field));
  if (!facts.has("asking_price")) absent.push("asking_price");
  return { facts: facts.all(), absent };
}

/** The VIN of the form, or one in the text; gives it back where its check digit is right. */
function addVin(facts: FactBook, post: Post): string | null {
  const { year } = post.form;
  const stated = post.form.rows.get("vin");
  const vin = stated === undefined ? null : readVin(stated, year);
  const modern = year === null || year >= FIRST_VIN_YEAR;
  let checked: string | null = null;
  if (vin !== null && stated !== undefined && (vin.kind === "vin" || !modern)) {
    const note = vin.repaired
      ? " (a letter O, Q or I read as a digit; check digit right)"
      : vin.checkDigit === "wrong"
      ? " (check digit wrong)"
      : "";
    facts.add("vin", vin.vin, "labelled", `VIN "${stated}"${note}`, {
      checked: vin.checkDigit === "right" && vin.fitsYear !== false && !vin.repaired,
      doubt: (vin.repaired
        ? DOUBT.repaired
        : vin.checkDigit === "wrong"
        ? (/^[1-5]/.test(vin.vin) ? DOUBT.badCheckDigit : DOUBT.unusedCheckDigit)
        : 1) *
        (vin.fitsYear === false ? DOUBT.contradicted : 1),
    });
    if (vin.checkDigit === "right") checked = vin.vin;
  }
  const named = vinsInProse(`${post.title}\n${post.body}`, year);
  // One VIN in the text that checks out is as good as the form's; several may be other vehicles'.
  const alone = named.length === 1;
  for (const found of named.slice(0, 3)) {
    const fits = found.checkDigit === "right" && found.fitsYear !== false;
    if (!fits && vin === null) continue;
    facts.add("vin", found.vin, alone && fits ? "labelled" : "prose", `text "…${found.vin}…"`, {
      checked: fits && found.labelled,
      doubt: found.repaired ? DOUBT.repaired : 1,
    });
    if (alone && fits) checked ??= found.vin;
  }
  return checked;
}

const TRUST = {
  agreed: 1,
  stated: 1,
  doubtful: 0.85,
  disputed: DOUBT.contradicted,
  untrue: DOUBT.knownUntrue,
};

function addMileage(
  facts: FactBook,
  post: Post,
  text: string,
  year: number | null,
  region: string | null,
): void {
  const { flags, rows } = post.form;
  const mileage = readOdometer({
    form: mileageNumber(rows.get("odometer") ?? null, countsKilometers(post, text, region)),
    text,
    untrue: flags.has("odometer broken") || flags.has("odometer rolled over"),
    year,
    posted: post.posted,
  });
  if (mileage === null) return;
  facts.add(
    "mileage",
    mileage.miles,
    mileage.from === "form" ? "labelled" : "prose",
    mileage.evidence,
    {
      checked: mileage.trust === "agreed" || mileage.from === "text",
      doubt: TRUST[mileage.trust],
    },
  );
}

/**
 * Whether the form's odometer holds kilometres: where the text says so of its figure, or else by the currency
 * and the country of the post. A text with the form's figure converted says that the form has miles.
 */
function countsKilometers(post: Post, text: string, region: string | null): boolean {
  const figure = mileageNumber(post.form.rows.get("odometer") ?? null) ?? 0;
  const stated = distancesIn(text.slice(0, TEXT_READ));
  const near = (one: number, other: number) => Math.abs(one - other) <= 0.01 * other;
  if (stated.some((one) => !one.metric && near(one.figure, figure))) return false;
  if (stated.some((one) => one.metric && near(one.figure, figure))) return true;
  if (stated.some((one) => one.metric && one.figure > FEW && near(one.miles, figure))) return false;
  const offers = offerOf(post.product);
  const currency = textOf(offers.priceCurrency);
  return currency !== null && currency in METRIC ? true : region !== null && !MILES.has(region);
}

const TEXT_READ = 6_000;
/** Distances below it are no car's mileage to be compared. */
const FEW = 1_000;
/** Currencies of the site's countries whose odometers count kilometres. */
const METRIC: Readonly<Record<string, true>> = {
  CAD: true,
  AUD: true,
  NZD: true,
  MXN: true,
  EUR: true,
  CHF: true,
  JPY: true,
};

/** Countries whose odometers count miles, and the currencies of those where the site is. */
const MILES = new Set(["US", "GB", "UK", "PR", "VI", "GU"]);
const CURRENCIES: Readonly<Record<string, string>> = {
  US: "USD",
  PR: "USD",
  VI: "USD",
  GU: "USD",
  CA: "CAD",
  GB: "GBP",
  UK: "GBP",
  AU: "AUD",
  NZ: "NZD",
  MX: "MXN",
  JP: "JPY",
};

function addSale(facts: FactBook, post: Post, own: string, region: string | null): void {
  const offer = offerOf(post.product);
  const shown = post.price === null ? null : priceOf(post.price);
  const listed = priceOf(textOf(offer.price));
  const field = shown?.amount ?? listed?.amount ?? null;
  const asking = readAskingPrice(field, post.title, own);
  if (asking !== null) {
    const both = asking.from === "field" && shown !== null && listed !== null &&
      shown.amount === listed.amount;
    facts.add(
      "asking_price",
      asking.amount,
      asking.from === "field" ? "labelled" : "prose",
      asking.evidence,
      {
        checked: asking.trust === "agreed" || both ||
          (asking.from === "text" && asking.trust === "stated"),
        doubt: { agreed: 1, stated: 1, doubtful: 0.75, disputed: 0.85 }[asking.trust],
      },
    );
    const currency = textOf(offer.priceCurrency) ?? shown?.currency ??
      CURRENCIES[region ?? "US"] ?? null;
    facts.add(
      "currency",
      currency,
      "labelled",
      `price "${post.price ?? textOf(offer.price)}", country ${region ?? "not named"}`,
    );
  }
  const { state, evidence, way } = postOfferOf(post, own);
  if (state !== "sold" && state !== "offered") return;
  facts.add("sale_status", state === "sold" ? "sold" : "for_sale", way, evidence, {
    checked: way === "prose",
    doubt: state === "sold" ? 0.9 : 1,
  });
}

function addPlace(facts: FactBook, post: Post): void {
  const { place } = post;
  if (place !== null && isPlace(place)) {
    facts.add("location", place, "labelled", `behind the price "(${place})"`);
    return;
  }
  const address = addressOf(post.product);
  const parts = [textOf(address.addressLocality), textOf(address.addressRegion)].filter((part) =>
    part !== null && part !== ""
  );
  if (parts.length > 0) {
    facts.add(
      "location",
      parts.join(", "),
      "structured",
      `ld_posting_data address "${parts.join(", ")}"`,
      { doubt: 0.9 },
    );
  }
}

/** What stands in brackets behind the price is sometimes another line of advertising. */
function isPlace(text: string): boolean {
  const words = text.replace(/\b\d{5}\b/, "");
  return text.length <= 60 &&
    !/\d{3}|\d[ -]?(?:wd|speed)|[!$*]{1}|\.com\b|www\.|https?:/i.test(words) &&
    !/\b(?:call|text|financ\w*|credit|free|delivery|obo|trades?|down|warranty|miles?)\b/i.test(
      words,
    );
}

/** The country of a post: of its address, or of the region in the page's head ("US-SC"). */
export function countryOf(html: string, post: Post): string | null {
  const address = addressOf(post.product);
  const stated = textOf(address.addressCountry) ??
    /\bname="geo\.region" content="([A-Z]{2})-/.exec(html.slice(0, 20_000))?.[1];
  return stated === undefined || stated === null || stated === ""
    ? null
    : stated.toUpperCase().slice(0, 2);
}
