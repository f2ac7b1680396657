import type { Sql } from "../driver/world.ts";
import type { Fate } from "../site/followed.ts";
import type { Site } from "../site/server.ts";
import type { Truth } from "../site/truth.ts";
import { type Check, counted } from "./check.ts";

/** One line of vehicle_history(). */
export interface HistoryLine {
  at: string;
  event: string;
  source: string;
  kind: string;
  status: string;
  price: number | null;
  currency: string | null;
}

/** A car that was followed, as the database holds it and as its newest page has it. */
export interface FollowedHeld {
  fate: Fate;
  /** The addresses of its listings in the order in which they appeared. */
  urls: string[];
  /** What the last of them stated when it was there. */
  stated: Truth["facts"];
  /** Vehicles that these listings belong to: one. */
  vehicles: number;
  name: string;
  discovery_url: string;
  listing_url: string;
  sale_status: string | null;
  asking_price: number | null;
  high_bid: number | null;
  sale_price: number | null;
  /** Kind and status of each listing, the oldest first. */
  listings: string[];
  history: HistoryLine[];
  /** Prices in price_drops, the oldest first. */
  drops: number[];
}

/** Reads the followed cars with their listings and history. Throws where one is no vehicle. */
export async function readFollowed(
  sql: Sql,
  site: Pick<Site, "catalogue" | "truth">,
): Promise<FollowedHeld[]> {
  const read = site.catalogue.followed().map(async ({ fate, listings }) => {
    const urls = listings.map(({ url }) => url);
    const [row] = await sql<{ held: Omit<FollowedHeld, "fate" | "urls" | "stated"> }[]>`
      with own as (select * from vehicle_listings where listing_url = any (${urls}))
      select jsonb_build_object(
        'vehicles', (select count(distinct vehicle_id) from own),
        'name', concat_ws(' ', v.year, v.make, v.model),
        'discovery_url', v.discovery_url,
        'listing_url', v.listing_url,
        'sale_status', v.sale_status,
        'asking_price', v.asking_price,
        'high_bid', v.high_bid,
        'sale_price', v.sale_price,
        'listings', (select jsonb_agg(l.kind || ' ' || l.status order by l.id) from vehicle_listings l where l.vehicle_id = v.id),
        'history', (select jsonb_agg(to_jsonb(h) order by h.at, h.listing_id) from vehicle_history(v.id) h),
        'drops', (select coalesce(jsonb_agg(d.price order by d.at), '[]') from price_drops d where d.vehicle_id = v.id)
      ) as held
      from vehicles v
      where v.id = (select vehicle_id from own order by id limit 1)`;
    const last = urls.at(-1) ?? "";
    if (!row) throw new Error(`${urls[0]} was not imported`);
    return { fate, urls, stated: site.truth(last)?.facts ?? {}, ...row.held };
  });
  return await Promise.all(read);
}

/** What must be held of each fate: kinds with statuses, and events in their order. */
const MUST: Record<Fate, { listings: string[]; events: string[] }> = {
  on_three_sites: {
    listings: ["dealer for_sale", "classified for_sale", "auction live"],
    events: ["seen", "seen", "seen"],
  },
  price_drops_twice: {
    listings: ["dealer for_sale"],
    events: ["seen", "price_changed", "price_changed"],
  },
  vanishes: { listings: ["dealer removed"], events: ["seen", "removed"] },
  back_as_auction: {
    listings: ["dealer removed", "auction sold"],
    events: ["seen", "removed", "seen"],
  },
};

function problemsOf(car: FollowedHeld): string[] {
  const { fate, urls, stated, history, drops } = car;
  const gone = fate === "vanishes";
  const prices = history.filter(({ event }) => event === "price_changed").map((it) => it.price);
  const pairs: [string, unknown, unknown][] = [
    ["vehicles", car.vehicles, 1],
    ["discovery_url", car.discovery_url, urls[0]],
    ["listing_url", car.listing_url, urls.at(-1)],
    ["listings", car.listings.join(", "), MUST[fate].listings.join(", ")],
    ["events", history.map(({ event }) => event).join(", "), MUST[fate].events.join(", ")],
    ["price_drops", drops.join(", "), prices.join(", ")],
    // One that vanished is not for sale, and nobody saw it sold.
    ["sale_status", car.sale_status, gone ? null : stated.sale_status ?? null],
    ["high_bid", car.high_bid, stated.high_bid ?? null],
    ["sale_price", car.sale_price, stated.sale_price ?? null],
    ...(gone ? [] : [["asking_price", car.asking_price, stated.asking_price ?? null] as const])
      .map(([what, is, must]): [string, unknown, unknown] => [what, is, must]),
  ];
  return pairs.filter(([, is, must]) => is !== must)
    .map(([what, is, must]) => `${urls[0]} ${what}: ${is}, must be ${must}: ${fate}`);
}

/** Listings of one car are one vehicle, whose prices and end are those that somebody saw. */
export function checkFollowed(cars: readonly FollowedHeld[]): Check {
  const listings = cars.reduce((sum, { urls }) => sum + urls.length, 0);
  const events = cars.reduce((sum, { history }) => sum + history.length, 0);
  return {
    name: "a car is one vehicle, with all its listings",
    seen: `${counted(listings, "listing")}, ${counted(events, "event")}`,
    problems: [
      ...(cars.length === Object.keys(MUST).length ? [] : [`${cars.length} cars were followed`]),
      ...cars.flatMap(problemsOf),
    ],
  };
}
