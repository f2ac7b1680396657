import { z } from "zod";
import type { Fault } from "../site/faults.ts";
import type { Fate } from "../site/followed.ts";
import type { Listing } from "../site/listing.ts";
import { callFunction } from "./call.ts";
import { drainQueue } from "./pipeline.ts";
import type { World } from "./world.ts";

/** What stands at the dealer's address of each car at the first look, and at the second. */
const LOOKS: readonly Partial<Record<Fate, Fault>>[] = [
  {
    price_drops_twice: { kind: "page_says", change: "price_reduced" },
    vanishes: { kind: "gone", status: 404 },
    back_as_auction: { kind: "gone", status: 404 },
  },
  { price_drops_twice: { kind: "page_says", change: "price_reduced_again" } },
];
/** Between two looks; two of them lie within the seven days of price_drops. */
const DAYS = 3;
/** The auctions began after the listings ended: so long ago that they are over. */
const DAYS_BEFORE_AUCTIONS = 9;
const MOST_TRIES = 20;

const looked = z.object({ released: z.array(z.object({ message: z.string() })) });

async function importListings(world: World, listings: readonly Listing[]): Promise<void> {
  const items = listings.map(({ url }) => ({ url }));
  await world.sql`select enqueue_listings(${world.sql.json(items)})`;
  await drainQueue(world);
}

/** Lets days go by for these listings: all that is known of them is older. */
async function daysGoBy({ sql }: World, urls: readonly string[], days: number): Promise<void> {
  const step = `${days} days`;
  await sql.begin(async (tx) => {
    const ids = tx`(select id from vehicle_listings where listing_url = any (${[...urls]}))`;
    await tx`
      update listing_checks
      set known_at = known_at - ${step}::interval, requeue_at = requeue_at - ${step}::interval
      where listing_id in ${ids}`;
    await tx`update listing_events set at = at - ${step}::interval where listing_id in ${ids}`;
    await tx`
      update page_snapshots
      set fetched_at = fetched_at - ${step}::interval, last_seen_at = last_seen_at - ${step}::interval
      where canonical_url in (select canonical_url from vehicle_listings where id in ${ids})`;
    await tx`
      update vehicle_listings
      set page_at = page_at - ${step}::interval, last_seen_at = last_seen_at - ${step}::interval,
        first_seen_at = first_seen_at - ${step}::interval, listed_at = listed_at - ${step}::interval,
        ended_at = ended_at - ${step}::interval
      where id in ${ids}`;
  });
}

/** Looks again at those of these listings that are for sale; another worker may hold one of them. */
async function lookAgain({ stack, sql }: World, urls: readonly string[]): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const open = await sql<{ id: number }[]>`
      select id::int as id from vehicle_listings
      where listing_url = any (${[...urls]}) and status = 'for_sale'`;
    const answer = await callFunction(stack, "check-listings", {
      listing_ids: open.map(({ id }) => id),
    });
    if (looked.parse(answer).released.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`a listing could not be looked at in ${MOST_TRIES} tries`);
}

/**
 * Imports cars that are offered on one site or two, looks again twice while their pages change and
 * vanish, and imports the auctions in which two of them come back. Throws when a function fails.
 */
export async function followListings(world: World): Promise<void> {
  const cars = world.site.catalogue.followed();
  const offers = cars.flatMap(({ listings }) => listings).filter(({ auction }) => !auction);
  const urls = offers.map(({ url }) => url);
  // Which is found first is part of the story: the dealers' own pages are.
  await importListings(world, cars.flatMap(({ listings: [first] }) => first ?? []));
  await importListings(world, offers);
  for (const faults of LOOKS) {
    for (const { fate, listings: [first] } of cars) {
      const fault = faults[fate];
      if (first && fault) world.site.setFault(first.url, fault);
    }
    await daysGoBy(world, urls, DAYS);
    await lookAgain(world, urls);
  }
  const ended = cars.filter(({ fate }) => fate !== "price_drops_twice")
    .flatMap(({ listings }) => listings.map(({ url }) => url))
    .filter((url) => urls.includes(url));
  await daysGoBy(world, ended, DAYS_BEFORE_AUCTIONS);
  await importListings(world, cars.flatMap(({ listings }) => listings.filter((it) => it.auction)));
}
