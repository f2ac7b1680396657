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
  facts.add("model", textOf(vehicle.model), "structured", `${WHERE} vehicle.model`);
  addVin(facts, textOf(data.vin), year, structured("vin"));
  const unit = data.odometer_type === "km" ? "Kilometers" : "Miles";
  const miles = numberOf(data.mileage_body);
  if (miles !== null) {
    const words = `${miles} ${unit}${data.tmu === true ? " (TMU)" : ""}`;
    addMileage(facts, words, structured("mileage_body"));
  }
  facts.add("seller_name", textOf(data.seller_username), "structured", `${WHERE} seller_username`);
  const place = [textOf(data.location), textOf(data.zip_code)].filter((part) => part).join(" ");
  facts.add("location", place, "structured", `${WHERE} location`);
  const description = paragraphs(textOf(data.description) ?? "");
  if (description.length >= 40) {
    facts.add("description", description, "structured", `${WHERE} description`);
  }
  const said = statusOf(data);
  if (auction.outcome !== "unknown") facts.add("sale_status", auction.outcome, "record", said);
  facts.add("sale_price", auction.sale_price, "record", `${said}, auction_final_bid`);
  facts.add("high_bid", auction.high_bid, "record", `${said}, high_bid`);
  facts.add("currency", auction.currency, "record", said);
  if (auction.outcome === "sold") {
    facts.add("sale_date", auction.ends_at?.slice(0, 10), "record", `${said}, end_date`);
  }
  return facts.all();
}

/** How the auction stands in the site's own word, as evidence. */
export function statusOf(data: JsonObject): string {
  return `${WHERE} status "${textOf(data.status)}"`;
}
