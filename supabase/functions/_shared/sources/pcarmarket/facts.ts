import type { Auction } from "../../domain/extraction.ts";
import type { Facts } from "../../domain/fact.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { addMake, addMileage, addVin } from "../../extraction/stated.ts";
import { type JsonObject, numberOf, textOf } from "../../html/json_region.ts";
import { paragraphs } from "../../html/text.ts";

const WHERE = "page data";
const structured = (name: string) => ({ way: "structured", where: `${WHERE} ${name}` }) as const;

/** What an auction's data states; `vehicle` is its part about the car. */
export function factsOf(data: JsonObject, vehicle: JsonObject, auction: Auction): Facts {
  const facts = new FactBook();
  const year = numberOf(vehicle.year);
  facts.add("year", year, "structured", `${WHERE} vehicle.year ${year}`);
  addMake(facts, textOf(vehicle.make), structured("vehicle.make"));
  const model = textOf(vehicle.model);
  facts.add("model", model, "structured", `${WHERE} vehicle.model "${model}"`);
  addVin(facts, textOf(data.vin), year, structured("vin"));
  const unit = data.odometer_type === "km" ? "Kilometers" : "Miles";
  const miles = numberOf(data.mileage_body);
  if (miles !== null) {
    const words = `${miles} ${unit}${data.tmu === true ? " (TMU)" : ""}`;
    addMileage(facts, words, structured("mileage_body"));
  }
  const seller = textOf(data.seller_username);
  facts.add("seller_name", seller, "structured", `${WHERE} seller_username "${seller}"`);
  const place = [textOf(data.location), textOf(data.zip_code)].filter((part) => part).join(" ");
  facts.add("location", place, "structured", `${WHERE} location "${place}"`);
  const description = paragraphs(textOf(data.description) ?? "");
  if (description.length >= 40) {
    const evidence = `${WHERE} description, ${description.length} characters`;
    facts.add("description", description, "structured", evidence);
  }
  const said = statusOf(data);
  if (auction.outcome !== "unknown") facts.add("sale_status", auction.outcome, "record", said);
  const { sale_price: paid, high_bid: bid, currency, ends_at: end } = auction;
  const priced = numberOf(data.auction_final_bid) === paid ? "auction_final_bid" : "high_bid";
  facts.add("sale_price", paid, "record", `${said}, ${priced} ${paid}`);
  facts.add("high_bid", bid, "record", `${said}, high_bid ${bid}`);
  facts.add("currency", currency, "record", `${said}, whose sums are ${currency}`);
  if (auction.outcome === "sold") {
    facts.add("sale_date", end?.slice(0, 10), "record", `${said}, end_date ${end}`);
  }
  return facts.all();
}

/** How the auction stands in the site's own word, as evidence. */
export function statusOf(data: JsonObject): string {
  return `${WHERE} status "${textOf(data.status)}"`;
}
