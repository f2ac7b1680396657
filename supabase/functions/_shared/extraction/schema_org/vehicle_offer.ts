import { type JsonLdNode, nodeList, nodeText } from "../../html/json_ld.ts";
import { isObject, type Json } from "../../html/json_region.ts";
import { currencyCode, isBaitPrice, type Money } from "../../vehicle/money.ts";
import { DOUBT } from "../confidence.ts";
import type { FactBook } from "../fact_book.ts";
import { offerStateOf } from "../sale_words.ts";
import { offeredPrice } from "./offer_price.ts";

/** What a page asks for its vehicle, and who offers it. */
interface VehicleOffer {
  price: Money | null;
  /** Factor below 1 where it is open whether the sum is the price. */
  priceDoubt: number;
  currency: string | null;
  /** `for_sale` or `sold` where the offer says so. */
  status: "for_sale" | "sold" | null;
  /** As the markup writes it; `null` when it does not. */
  availability: string | null;
  seller: string | null;
  location: string | null;
}

/** Reads the offer of a vehicle's node (`offers`), or the offer that the node is the object of. */
export function readOffer(node: JsonLdNode, around: JsonLdNode | null): VehicleOffer {
  const offers = nodeList(node.offers).filter(isObject);
  const [offer = around] = offers;
  if (offer === null) {
    return {
      price: null,
      priceDoubt: 1,
      currency: null,
      status: null,
      availability: null,
      seller: null,
      location: placeOf(node),
    };
  }
  const offered = offeredPrice(offers.length === 0 ? [offer] : offers);
  const stated = offered?.currency ?? nodeText(offer.priceCurrency);
  // "Sold" may stand where the price was.
  const availability = nodeText(offer.availability) ?? stateInPrice(offer);
  const seller = nodeList(offer.seller ?? offer.offeredBy).find(isObject);
  // A sign beside the sum is this sum's; a code of its own often stays as the template had it.
  const written = offered?.money.currency ?? null;
  return {
    price: offered?.money ?? null,
    priceDoubt: offered?.doubt ?? 1,
    currency: written ?? currencyCode(stated),
    status: statusOf(availability ?? ""),
    availability,
    seller: nodeText(seller?.name) ??
      (typeof offer.seller === "string" ? nodeText(offer.seller) : null),
    location: placeOf(seller) ?? placeOf(offer.availableAtOrFrom) ?? placeOf(node),
  };
}

function stateInPrice({ price }: JsonLdNode): string | null {
  const text = typeof price === "string" ? nodeText(price) : null;
  return text !== null && offerStateOf(text) !== null ? text : null;
}

/** A term of schema.org's ItemAvailability, or words that stand in its place. */
function statusOf(availability: string): "for_sale" | "sold" | null {
  if (/sold[ -]?out|out[ -]?of[ -]?stock|discontinued/i.test(availability)) return "sold";
  if (/in[ -]?stock|instoreonly|onlineonly|limitedavailability|^available$/i.test(availability)) {
    return "for_sale";
  }
  return offerStateOf(availability) === "sold" ? "sold" : null;
}

/** A car that is out of stock may be on its way out; one of which no more are made need not be sold. */
function surety(availability: string): number {
  if (/discontinued/i.test(availability)) return DOUBT.unlikely;
  return /out[ -]?of[ -]?stock/i.test(availability) ? DOUBT.unknownName : 1;
}

/** Town and region of an address; never the street or the telephone. */
function placeOf(value: Json | undefined): string | null {
  if (!isObject(value)) return null;
  const address = nodeList(value.address).find(isObject) ?? value;
  const town = nodeText(address.addressLocality);
  if (town === null) return null;
  const region = [nodeText(address.addressRegion), nodeText(address.postalCode)].filter((part) =>
    part !== null
  );
  return region.length === 0 ? town : `${town}, ${region.join(" ")}`;
}

/** Enters the offer. `auction`: the page sells by bids, so the sum named is a bid and no price. */
export function addSale(
  facts: FactBook,
  offer: VehicleOffer,
  where: string,
  auction: boolean,
): void {
  facts.add("seller_name", offer.seller, "structured", `${where} offer's seller "${offer.seller}"`);
  facts.add(
    "location",
    offer.location,
    "structured",
    `${where} offer's address "${offer.location}"`,
  );
  if (auction) return;
  if (offer.price !== null) {
    const evidence = `${where} offer: ${offer.price.amount} ${offer.currency ?? ""}`.trim();
    if (!isBaitPrice(offer.price.amount)) {
      const sold = offer.status === "sold";
      facts.add("asking_price", offer.price.amount, "structured", evidence, {
        doubt: (sold ? 0.8 : 1) * offer.priceDoubt,
      });
      facts.add("currency", offer.currency, "structured", evidence);
    }
  }
  const evidence = `${where} availability "${offer.availability}"`;
  const doubt = surety(offer.availability ?? "");
  facts.add("sale_status", offer.status, "structured", evidence, { doubt });
  // What is reserved, or yet to come, has a price and is not to be had.
  if (offer.availability === null && offer.price !== null) {
    facts.add("sale_status", "for_sale", "structured", `${where} offers a price`, { doubt: 0.85 });
  }
}
