import type { Facts } from "../domain/fact.ts";
import { parseTitle } from "../vehicle/title.ts";
import { FactBook } from "./fact_book.ts";
import { addLabelled, addLabelledPrice } from "./labelled_vehicle.ts";
import { hasListingNumber } from "./page_address.ts";
import { missingFields } from "./required_fields.ts";
import type { PageIdentity } from "./schema_org/own_vehicle.ts";
import { names } from "./schema_org/page_names.ts";
import { hasLabel } from "./vehicle_labels.ts";

/** What a page that sells one car states, one of these at least, beside its year, make and model. */
const OFFERS = ["asking_price", "mileage", "vin"] as const;
/** The labels of one listing; a page with fewer only mentions them. */
const FEWEST = 4;

/**
 * The vehicle that a page without markup states behind labels and names in its heading: both must
 * say the same year, make and model. `null` for anything less. `bids`: whether it sells by bids, so that the sum
 * named is no price asked.
 */
export function labelledVehicle(
  html: string,
  { url, headings }: Pick<PageIdentity, "url" | "headings">,
  bids: () => boolean,
): Facts | null {
  if (!hasLabel(html, ["make"]) || !hasLabel(html, ["model"])) return null;
  const facts = new FactBook();
  const values = addLabelled(facts, html, { only: "all", metric: false });
  if (values.size < FEWEST) return null;
  const [year, make, model] = [facts.value("year"), facts.value("make"), facts.value("model")];
  const heading = headings.find((one) =>
    names(one, { year, make, model, name: null }, hasListingNumber(url))
  );
  if (heading === undefined) return null;
  const title = parseTitle(heading);
  facts.add("year", title.year, "prose", `heading "${heading}"`);
  if (title.makeKnown) facts.add("make", title.make, "prose", `heading "${heading}"`);
  const price = values.get("asking_price");
  if (price !== undefined && !bids()) addLabelledPrice(facts, price);
  const all = facts.all();
  const short = missingFields(all, ["year", "make", "model", OFFERS]);
  return short === null ? all : null;
}
