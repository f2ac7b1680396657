import type { ApplyItem } from "../../database/apply.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { Fact, Facts } from "../../domain/fact.ts";
import { CONFIDENCE, DOUBT } from "../../extraction/confidence.ts";
import { visibleText } from "../../html/visible_text.ts";
import { extract } from "../../sources/registry.ts";
import { vinsInProse } from "../../vehicle/vin.ts";

/** More text than this is not looked at. */
const MOST_TEXT = 200_000;

function vinOfProse(text: string, year: number | null): Fact<"vin"> | undefined {
  const found = vinsInProse(visibleText(text, MOST_TEXT), year);
  const [vin, other] = found;
  // Two different numbers in one text: nothing says which of them is this vehicle's.
  if (vin === undefined || other !== undefined) return undefined;
  const { alone, checked } = CONFIDENCE.prose;
  const confidence = vin.checkDigit === "right"
    ? checked
    : alone * (vin.checkDigit === "wrong" ? DOUBT.badCheckDigit : 1);
  return {
    value: vin.vin,
    confidence,
    evidence: `text given by the caller: ${vin.vin}`,
    way: "prose",
  };
}

/**
 * The VIN in text that the caller has at hand: a saved page of the listing, or any words.
 * Gives the item that applies it; its facts are empty when there is none.
 */
export function vinItemFromText(vehicle: HeldVehicle, text: string): ApplyItem {
  const url = vehicle.url ?? "https://unknown.invalid/";
  const year = typeof vehicle.held.year === "number" ? vehicle.held.year : null;
  const extraction = extract({
    url,
    status: 200,
    contentType: "text/html",
    body: text,
    fetchedAt: new Date(0).toISOString(),
  });
  const facts: Facts = extraction.facts;
  const vin = facts.vin ?? vinOfProse(text, year);
  return {
    vehicle_id: vehicle.id,
    source_url: url,
    outcome: "ok",
    method: facts.vin ? extraction.scraper.name : "extra_text",
    scraper_version: extraction.scraper.version,
    facts: vin ? { vin } : {},
    steps: ["extract_vin"],
  };
}
