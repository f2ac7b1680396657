import type { Facts } from "../../domain/fact.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { addMake, addMileage, addVin, statedYear } from "../../extraction/stated.ts";
import { nodeText } from "../../html/json_ld.ts";
import { isObject, type Json, parseJson, textOf } from "../../html/json_region.ts";
import { paragraphs } from "../../html/text.ts";
import { driveIn } from "../../vehicle/listing_lines.ts";
import { isBaitPrice, priceOf } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import type { KslListing } from "./listing.ts";
import type { KslOffer } from "./offer.ts";

/**
 * A private seller is named by one word, a first name: too little to know a person by, and often
 * not the seller's. A dealer's name of one word counts as much as any other.
 */
const ONE_WORD = 0.3 / CONFIDENCE.structured.alone;

/** What a listing's data states, and the VIN of the page's link to a report. */
export function factsOf(
  listing: KslListing,
  where: string,
  linkedVin: string | null,
  offer: KslOffer,
): Facts {
  const facts = new FactBook();
  addListing(facts, listing, where, offer);
  addVin(facts, linkedVin, facts.value("year"), { way: "labelled", where: "link to CARFAX, VIN" });
  return facts.all();
}

function addListing(
  facts: FactBook,
  listing: KslListing,
  where: string,
  offer: KslOffer,
): void {
  const stated = (...keys: string[]) => {
    for (const key of keys) {
      const text = nodeText(listing[key]);
      if (text !== null) return text;
    }
    return null;
  };
  const place = (key: string) => ({ way: "structured", where: `${where} ${key}` }) as const;
  const year = statedYear(stated("makeYear", "year"));
  facts.add("year", year, "structured", `${where} makeYear ${year}`);
  addMake(facts, stated("make"), place("make"));
  facts.add("model", stated("model"), "structured", `${where} model "${stated("model")}"`);
  facts.add("trim", stated("trim"), "structured", `${where} trim "${stated("trim")}"`);
  const title = parseTitle(stated("title") ?? "");
  facts.add("year", title.year, "title", `${where} title "${stated("title")}"`);
  if (title.makeKnown) facts.add("make", title.make, "title", `${where} title`);
  addVin(facts, stated("vin"), year, place("vin"));
  addMileage(facts, stated("mileage"), place("mileage"));

  const texts = [
    ["color", listed(listing.paint) ?? stated("exteriorColor")],
    ["interior_color", listed(listing.upholstery) ?? stated("interiorColor")],
    ["transmission", stated("transmission")],
    ["body_style", stated("body", "bodyType")],
    ["engine", engineOf(stated("liter"), stated("cylinders")) ?? stated("engine")],
  ] as const;
  for (const [field, text] of texts) {
    facts.add(field, text, "structured", `${where} ${field} "${text}"`);
  }
  const drive = stated("drive", "drivetrain");
  facts.add(
    "drivetrain",
    drive === null ? null : driveIn(drive.replace(/-wheel drive/i, "WD")) ?? drive,
    "structured",
    `${where} drive "${drive}"`,
  );
  const description = paragraphs((textOf(listing.description) ?? "").replace(/\n/g, "<br>"));
  if (description.length >= 20) {
    facts.add(
      "description",
      description,
      "structured",
      `${where} description, ${description.length} characters`,
    );
  }
  addSale(facts, listing, stated, where, offer);
}

function addSale(
  facts: FactBook,
  listing: KslListing,
  stated: (...keys: string[]) => string | null,
  where: string,
  offer: KslOffer,
): void {
  const price = priceOf(stated("price") ?? "");
  if (price !== null && !isBaitPrice(price.amount)) {
    const evidence = `${where} price "${stated("price")}"`;
    facts.add("asking_price", price.amount, "structured", evidence, {
      doubt: offer.state === "offered" ? 1 : 0.8,
    });
    // Salt Lake City's classifieds: its sums are US dollars.
    const currency = price.currency ?? "USD";
    facts.add("currency", currency, "structured", `${evidence}, in ${currency}`);
  }
  const status = offer.state === "offered" ? "for_sale" : offer.state === "sold" ? "sold" : null;
  facts.add("sale_status", status, "structured", offer.evidence);

  const dealer = isObject(listing.dealer)
    ? nodeText(listing.dealer.name) ?? nodeText(listing.dealer.dealerName)
    : nodeText(listing.dealerName ?? null);
  const seller = dealer ?? stated("sellerName", "firstName", "contactName", "name");
  const single = dealer === null && seller !== null && !/\s\S/.test(seller);
  facts.add("seller_name", seller, "structured", `${where} seller "${seller}"`, {
    doubt: single ? ONE_WORD : 1,
  });
  const place = isObject(listing.location) ? listing.location : listing;
  const [town, state, zip] = ["city", "state", "zip"].map((key) => nodeText(place[key]));
  if (town) {
    const text = [town, [state, zip].filter((part) => part).join(" ")].filter((part) => part)
      .join(", ");
    facts.add("location", text, "structured", `${where} place "${text}"`);
  }
}

/** Addresses of the pictures, in the forms in which the site has listed them over the years. */
export function photosOf(listing: KslListing): string[] {
  const lists = [listing.photos, listing.photo, listing.images, listing.primaryImage];
  const first = lists.find((list) => Array.isArray(list) ? list.length > 0 : list);
  const photos = Array.isArray(first) ? first : first === undefined ? [] : [first];
  return photos.flatMap((photo) => {
    const json: Json | undefined = typeof photo === "string" && photo.startsWith("{")
      ? parseJson(photo)
      : photo;
    const url = isObject(json)
      ? textOf(json.url) ?? textOf(json.src) ?? textOf(json.id)
      : textOf(json);
    return url !== null && /^(?:https?:)?\/\//.test(url) ? [withoutFilter(url)] : [];
  });
}

/** The picture itself: `?filter=ksl/640x480` asks for a size of it. */
function withoutFilter(url: string): string {
  const whole = url.startsWith("//") ? `https:${url}` : url;
  return whole.replace(/\?filter=[^&#]*$/, "");
}

/** "White" or `["White", "Black"]`; "Other" and "Not Specified" say nothing. */
function listed(value: Json | undefined): string | null {
  if (!Array.isArray(value)) return nodeText(value ?? null);
  const names = value.map((one) => nodeText(one)).filter((name) => name !== null);
  return names.length === 0 ? null : names.join(", ");
}

function engineOf(liter: string | null, cylinders: string | null): string | null {
  const size = liter === null ? null : /^\d+(?:\.\d+)?$/.test(liter) ? `${liter}L` : liter;
  const count = cylinders === null
    ? null
    : /^\d+$/.test(cylinders)
    ? `${cylinders}-Cylinder`
    : cylinders;
  return size === null && count === null ? null : [size, count].filter((part) => part).join(" ");
}
