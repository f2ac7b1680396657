import type { IndexList } from "../../extraction/index/list.ts";
import { isObject, type Json, objectOf, textOf } from "../../html/json_region.ts";
import { isoFromSeconds } from "../../vehicle/dates.ts";
import { largestPhoto } from "./auction.ts";
import { statusOf } from "./json.ts";
import { whyNoVehicleListed } from "./non_vehicle.ts";

/**
 * Adds an auction of the site's JSON list. Inferred from the JSON of single auctions and from public
 * code: its fields stand at its top or under `listing` and `stats`, and its address is made of its
 * id and its title.
 */
export function addAuction(list: IndexList, auction: Json): void {
  if (!isObject(auction)) return;
  const listing = isObject(auction.listing) ? auction.listing : auction;
  const stats = isObject(auction.stats) ? auction.stats : auction;
  const id = textOf(auction.id);
  const title = textOf(listing.title) ?? textOf(auction.title) ?? "";
  const slug = textOf(auction.slug) ?? title.toLowerCase().normalize("NFKD")
    .replace(/\p{M}/gu, "").replace(/[^a-z\d]+/g, "-").replace(/^-|-$/g, "");
  const status = statusOf(auction);
  const sold = status === "sold" || status === "sold_after";
  const over = sold || /not_met|not_sold|no_sale|unsold|cancell?ed|withdrawn/.test(status);
  const bid = amountOf(stats.current_bid ?? auction.current_bid ?? auction.currentBid);
  const sale = amountOf(stats.sale_amount ?? auction.sale_amount) ??
    (status === "sold" ? bid : null);
  const amount = sold ? sale : /cancell?ed|withdrawn/.test(status) ? null : bid;
  const end = Date.parse(
    textOf(stats.auction_end) ?? textOf(auction.auction_end) ?? textOf(auction.endsAt) ?? "",
  );
  const photo = objectOf(auction.main_photo);
  const path = textOf(photo.path) ?? textOf(photo.link);
  list.add(
    {
      href: id === null ? null : slug === "" ? `/auctions/${id}` : `/auctions/${id}/${slug}`,
      title,
      price: amount === null ? null : { amount, kind: sold ? "sale" : "bid", currency: "USD" },
      endsAt: isoFromSeconds(end / 1_000),
      ended: over ? true : /live|active|open|running/.test(status) ? false : null,
      picture: path === null
        ? null
        : largestPhoto(`https://${textOf(photo.base_url) ?? "media.carsandbids.com"}/${path}`),
      raw: {
        id,
        subtitle: textOf(listing.sub_title)?.slice(0, 200),
        no_reserve: typeof auction.no_reserve === "boolean" ? auction.no_reserve : null,
        location: textOf(listing.location) ?? textOf(auction.location),
      },
    },
    (name) =>
      listing.is_not_car === true ? "the site marks it as no car" : whyNoVehicleListed(name),
  );
}

function amountOf(value: Json | undefined): number | null {
  const amount = isObject(value) ? value.amount : value;
  return typeof amount === "number" && Number.isFinite(amount) && amount > 0 ? amount : null;
}
