/** Every vehicle that landed, against the truth of the pages that offer it. */
import type { FieldName } from "../../../supabase/functions/_shared/domain/fact.ts";
import type { Sql } from "../../driver/world.ts";
import { truthOf } from "../../site/truth.ts";
import type { Check } from "../../verify/check.ts";
import { counted } from "../../verify/check.ts";
import { compare, type Held } from "../../verify/compare.ts";
import { isLie, listingOf, numberIn } from "../sites/listing.ts";
import { FILL_SITES, type FillSite, siteOfHost } from "../sites/plan.ts";

interface HeldVehicle {
  id: string;
  columns: Held;
  /** Whether its description was written by the system. */
  generated: boolean;
  listings: string[];
}

/** What a listing's address stands for. */
interface Place {
  site: FillSite;
  n: number;
}

function placeOf(url: string): Place | null {
  const { host, pathname } = new URL(url);
  const site = siteOfHost(host);
  const n = site && numberIn(site, pathname);
  return site === null || n === null ? null : { site, n };
}

/** Two places with one key offer one car. */
function carOf({ site, n }: Place): string {
  const copied = site.copies !== null && site.behaviour === "duplicating"
    ? site.copies
    : site.index;
  return `${copied}/${n}`;
}

const PORTION = 2_000;

/** All vehicles by id, a portion at a time. */
async function* heldVehicles(sql: Sql): AsyncGenerator<HeldVehicle[]> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const rows = await sql<HeldVehicle[]>`
      select v.id, to_jsonb(v) - 'field_state' - 'origin_metadata' as columns,
        coalesce(v.description_source ilike '%generated%', false) as generated, l.listings
      from vehicles v
      cross join lateral (
        select coalesce(array_agg(listing_url order by id), '{}') as listings
        from vehicle_listings where vehicle_id = v.id
      ) l
      where v.id > ${after}
      order by v.id
      limit ${PORTION}`;
    if (rows.length === 0) return;
    after = rows.at(-1)?.id ?? after;
    yield [...rows];
  }
}

/** What the vehicles came to. */
interface VehicleChecks {
  vehicles: number;
  right: number;
  /** Values that a page states and the database lacks, by field. */
  missing: Partial<Record<FieldName, number>>;
  /** Vehicles whose only listings are the liar's. */
  ofLiar: number;
  checks: Check[];
}

/** Compares every value held with the truth. */
export async function checkVehicles(sql: Sql): Promise<VehicleChecks> {
  const wrong: string[] = [];
  const strangers: string[] = [];
  const cars = new Map<string, string[]>();
  const missing: Partial<Record<FieldName, number>> = {};
  let [vehicles, right, ofLiar] = [0, 0, 0];
  for await (const some of heldVehicles(sql)) {
    for (const { id, columns, generated, listings } of some) {
      vehicles++;
      const places = listings.flatMap((url) => placeOf(url) ?? []);
      const honest = places.filter(({ site, n }) => !isLie(site, n));
      if (honest.length === 0) ofLiar++;
      const [first] = honest;
      if (first === undefined) {
        if (places.length === 0) strangers.push(`${id} has no listing of any site`);
        continue;
      }
      const names = new Set(honest.map(carOf));
      if (names.size > 1) strangers.push(`${id} is several cars: ${listings.join(", ")}`);
      for (const car of names) cars.set(car, [...cars.get(car) ?? [], id]);
      // Where two sites offer the car, each value is one of theirs.
      const truths = honest.map(({ site, n }) => truthOf(listingOf(site, n)));
      if (truths.some(({ nonVehicle }) => nonVehicle)) {
        strangers.push(`${id} is no vehicle: ${listings.join(", ")}`);
        continue;
      }
      const seen = truths.map((truth) => compare(columns, truth, generated));
      for (const it of seen[0] ?? []) {
        const verdicts = seen.map((all) => all.find(({ field }) => field === it.field)?.verdict);
        if (verdicts.includes("right")) right++;
        else if (it.verdict === "missing") missing[it.field] = (missing[it.field] ?? 0) + 1;
        else wrong.push(`${truths[0]?.url} ${it.field}: ${it.held}, the page states ${it.stated}`);
      }
    }
  }
  const twice = [...cars].filter(([, ids]) => ids.length > 1).map(([car, ids]) => {
    const [site, n] = car.split("/").map(Number);
    const of = FILL_SITES[site ?? 0];
    return `${of === undefined ? car : listingOf(of, n ?? 0).url} is ${ids.length} vehicles: ${
      ids.join(", ")
    }`;
  });
  return {
    vehicles,
    right,
    missing,
    ofLiar,
    checks: [
      { name: "no value is wrong", seen: counted(right, "right value"), problems: wrong },
      {
        name: "no vehicle has another car's data, and none is no vehicle",
        seen: counted(vehicles, "vehicle"),
        problems: strangers,
      },
      { name: "no car is two vehicles", seen: counted(cars.size, "car"), problems: twice },
    ],
  };
}
