/** Imports a made population as the workers do, and asks what became of it. */
import type postgres from "postgres";
import { DAYS, type Listing, type Population, provable } from "./population.ts";
import { chanceOf } from "./population_chance.ts";

const DAY_MS = 86_400_000;

/** Milliseconds of each batch's import, with how many were in it. */
export interface Imported {
  seconds: number;
  joined: number;
}

/** Imports in batches of 20 to 100, day after day; what is gone by then has ended. */
export async function importPopulation(
  sql: postgres.Sql,
  { listings }: Population,
  seed: number,
  begin: Date,
  say: (message: string) => void = () => {},
): Promise<Imported> {
  const chance = chanceOf(seed);
  const at = (day: number) => new Date(begin.getTime() + day * DAY_MS).toISOString();
  let [seconds, joined, ended] = [0, 0, 0];
  const ends = listings.filter(({ isAuction }) => !isAuction).toSorted((a, b) => a.gone - b.gone);
  for (let from = 0; from < listings.length;) {
    const batch = listings.slice(from, from + chance.integer(20, 100));
    from += batch.length;
    const today = batch[0]?.day ?? 0;
    const over: Listing[] = [];
    for (let next = ends[ended]; next !== undefined && next.gone < today; next = ends[++ended]) {
      over.push(next);
    }
    await endListings(sql, over, at);
    const items = batch.map((it) => item(it, at(it.day), at(it.day - 7)));
    const begun = performance.now();
    const results = await sql<{ outcome: string; error: string | null; joined: boolean }[]>`
      select r ->> 'outcome' as outcome, r ->> 'error' as error, (r ->> 'joined')::boolean as joined
      from jsonb_array_elements(import_listings(${
      sql.json(items as unknown as postgres.JSONValue)
    })) r`;
    seconds += (performance.now() - begun) / 1000;
    const bad = results.find(({ outcome }) => outcome !== "ok");
    if (bad !== undefined) throw new Error(`an import was ${bad.outcome}: ${bad.error}`);
    joined += results.filter((it) => it.joined).length;
    if (Math.floor(from / 5000) > Math.floor((from - batch.length) / 5000)) {
      say(`${from} listings, ${joined} joined, ${(from / seconds).toFixed(0)} per s`);
    }
  }
  await check(sql);
  return { seconds, joined };
}

/** The day on which a population of this length began, if it is whole now. */
export const beginning = (): Date => new Date(Date.now() - (DAYS + 400) * DAY_MS);

async function endListings(
  sql: postgres.Sql,
  over: readonly Listing[],
  at: (day: number) => string,
) {
  if (over.length === 0) return;
  await sql`
    update vehicle_listings l
    set status = 'removed', ended_at = o.at, ended_because = 'gone'
    from (
      select unnest(${over.map(({ url }) => url)}::text[]) as url,
        unnest(${over.map(({ gone }) => at(gone))}::timestamptz[]) as at
    ) o
    where l.canonical_url = o.url and l.ended_at is null`;
}

function item(listing: Listing, pageAt: string, startedAt: string) {
  const { price, isAuction } = listing;
  const values: Record<string, string | number | null> = {
    ...{ year: listing.year, make: listing.make, model: listing.model, trim: listing.trim },
    ...{
      color: listing.color,
      mileage: listing.mileage,
      seller_name: listing.seller,
      currency: "USD",
    },
    ...isAuction ? { sale_status: "sold", sale_price: price, high_bid: price } : {
      ...{ sale_status: "for_sale", asking_price: price },
    },
  };
  const facts = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null)
      .map(([field, value]) => [field, {
        ...{ value, confidence: 0.9, way: "label", evidence: `${field}: ${value}` },
        // As of a source that was calibrated: what its page said of itself is told, too.
        ...(isAuction ? { declared: 0.95, calibration: 3 } : {}),
      }]),
  );
  return {
    source_url: listing.url,
    outcome: "ok",
    method: "labelled",
    scraper_version: "v1.0.0",
    page_at: pageAt,
    extraction_hash: listing.url,
    steps: ["extract_data"],
    facts: listing.vin === null ? facts : {
      ...facts,
      vin: {
        value: listing.vin,
        confidence: listing.vinConfidence,
        evidence: `VIN: ${listing.vin}`,
      },
    },
    ...isAuction
      ? {
        auction: {
          ...{ outcome: "sold", sale_price: price, high_bid: price, currency: "USD" },
          ...{ starts_at: startedAt, ends_at: pageAt },
        },
      }
      : {},
  };
}

/** What cron does in the minutes after: VINs that became suspect, pairs that are proved later. */
export async function check(sql: postgres.Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ left: number }[]>`select private.check_shared_vins() as left`;
    if (row?.left === 0) break;
  }
  for (;;) {
    await sql`select private.join_proven_vehicles(1000)`;
    const [row] = await sql<{ left: number }[]>`
      select count(*)::int as left from vehicle_merge_candidates where status = 'open' and assessed_at is null`;
    if (row?.left === 0) break;
  }
}

/** What the truth says of how the database has put the listings together. */
export interface Verdict {
  vehicles: number;
  joins: number;
  /** Vehicles that are two cars and more: their listings. */
  wrong: string[][];
  provable: number;
  provableJoined: number;
  /** Listings of one car that the rule proves, in several vehicles. */
  missed: Listing[][];
}

export async function judge(sql: postgres.Sql, population: Population): Promise<Verdict> {
  const rows = await sql<{ url: string; vehicle: string }[]>`
    select canonical_url as url, vehicle_id as vehicle from vehicle_listings`;
  const vehicleOf = new Map(rows.map(({ url, vehicle }) => [url, vehicle]));
  const carOf = new Map(population.listings.map(({ url, car }) => [url, car]));
  const vehicles = Map.groupBy(rows, ({ vehicle }) => vehicle);
  const wrong = [...vehicles.values()].map((of) => of.map(({ url }) => url))
    .filter((urls) => new Set(urls.map((url) => carOf.get(url))).size > 1);
  const groups = provable(population);
  const apart = (group: Listing[]) => new Set(group.map(({ url }) => vehicleOf.get(url))).size - 1;
  const joins = (of: Listing[][]) => of.reduce((sum, group) => sum + group.length - 1, 0);
  const missed = groups.filter((group) => apart(group) > 0);
  return {
    vehicles: vehicles.size,
    joins: rows.length - vehicles.size,
    wrong,
    provable: joins(groups),
    provableJoined: joins(groups) - missed.reduce((sum, group) => sum + apart(group), 0),
    missed,
  };
}

/**
 * Lets the listings stand as when they were joined, before the joins are taken back: what became of a listing since is
 * no part of what a join changed.
 */
export async function standAgain(sql: postgres.Sql): Promise<void> {
  await sql`
    update vehicle_listings set status = 'for_sale', ended_at = null, ended_because = null where kind <> 'auction'`;
}

/** Takes the join back in which this vehicle went. */
export async function takeBack(sql: postgres.Sql, vehicleId: string): Promise<void> {
  await sql`select unmerge_vehicle(${vehicleId})`;
}

/** Takes every join back, in an order of chance; gives milliseconds of each. */
export async function takeBackAll(sql: postgres.Sql, seed: number): Promise<number[]> {
  const chance = chanceOf(seed);
  const times: number[] = [];
  for (;;) {
    const left = await sql<{ id: string }[]>`
      select m.merged_vehicle_id as id from vehicle_merges m
      where m.unmerged_at is null and exists (select from vehicles v where v.id = m.kept_vehicle_id)
      order by m.number`;
    if (left.length === 0) return times;
    for (const { id } of chance.shuffled(left)) {
      const begun = performance.now();
      await takeBack(sql, id);
      times.push(performance.now() - begun);
    }
  }
}
