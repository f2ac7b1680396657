import type { PipelineRun } from "../driver/pipeline.ts";
import type { Sql } from "../driver/world.ts";
import type { Site } from "../site/server.ts";
import { type Check, counted } from "./check.ts";
import { compare } from "./compare.ts";
import type { HeldVehicle } from "./held.ts";

const bare = (url: unknown): string => String(url).replace(/\/$/, "");

/** Vehicles by the listing that they stand on. */
export const byListing = (vehicles: ReadonlyMap<string, HeldVehicle>): Map<string, HeldVehicle> =>
  new Map([...vehicles.values()].map((it) => [bare(it.columns.listing_url), it]));

/** Every car that the index pages named is a vehicle, nothing else is one, and nothing came twice. */
export function checkFound(
  run: PipelineRun,
  site: Pick<Site, "truth">,
  named: readonly string[],
  vehicles: ReadonlyMap<string, HeldVehicle>,
): Check {
  const standing = byListing(vehicles);
  const queued = new Map(run.queue.map((row) => [bare(row.url), row]));
  const read = ["ok", "not_modified"];
  const problems = run.feeds.filter((it) => !read.includes(it.outcome ?? ""))
    .map((it) => `${it.url} was not read: ${it.outcome} ${it.error ?? ""}`);
  let nonVehicles = 0;
  for (const url of new Set(named)) {
    const nonVehicle = site.truth(url)?.nonVehicle;
    const row = queued.get(bare(url));
    const vehicle = standing.get(bare(url));
    if (nonVehicle === undefined) {
      if (!vehicle) problems.push(`${url} was named and is no vehicle`);
      if (row && row.status !== "complete") {
        problems.push(`${url} is ${row.status}, ${row.outcome}`);
      }
      continue;
    }
    nonVehicles++;
    if (vehicle) problems.push(`${url} became a vehicle: ${nonVehicle}`);
    if (row && row.outcome !== "not_a_listing") {
      problems.push(`${url} is ${row.outcome}: ${nonVehicle}`);
    }
  }
  if (run.queuedAgain > 0) problems.push(`${run.queuedAgain} listings were queued a second time`);
  return {
    name: "every car that the index pages name is a vehicle, once, and nothing else is one",
    seen: `${counted(new Set(named).size - nonVehicles, "car")}, ${
      counted(nonVehicles, "non-vehicle")
    }`,
    problems,
  };
}

/** A car that is offered again is the same vehicle with a second auction, whose sale counts. */
export async function checkRelistings(
  sql: Sql,
  run: PipelineRun,
  site: Pick<Site, "truth" | "catalogue">,
  vehicles: ReadonlyMap<string, HeldVehicle>,
): Promise<Check> {
  const problems: string[] = [];
  const auctions = new Map(
    (await sql<{ id: string; count: number }[]>`
      select vehicle_id as id, count(*)::int as count from auction_events group by 1`)
      .map((row) => [row.id, row.count]),
  );
  const again = site.catalogue.extras().filter((it) => it.relistingOf);
  for (const { url, relistingOf = "" } of again) {
    const id = run.asked.get(relistingOf) ?? "";
    const vehicle = vehicles.get(id);
    const truth = site.truth(url);
    if (!vehicle || !truth) {
      problems.push(`${relistingOf} is no vehicle`);
      continue;
    }
    if (bare(vehicle.columns.listing_url) !== bare(url)) {
      problems.push(`${url} is not where the vehicle of ${relistingOf} stands now`);
    }
    if (auctions.get(id) !== 2) problems.push(`${url}: ${auctions.get(id)} auctions, must be 2`);
    const wrong = compare(vehicle.columns, truth).filter((it) => it.verdict !== "right");
    for (const { field, held, stated } of wrong) {
      problems.push(`${url} ${field}: ${held}, the page states ${stated}`);
    }
    const pictures = truth.images.length + (site.truth(relistingOf)?.images.length ?? 0);
    if (vehicle.images !== pictures || vehicle.contents !== pictures) {
      problems.push(`${url} ${vehicle.images} images stored, must be ${pictures}`);
    }
  }
  return {
    name: "a car that is offered again is one vehicle with two auctions",
    seen: counted(again.length, "car"),
    problems,
  };
}
