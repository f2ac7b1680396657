import pLimit from "p-limit";
import type { DatabaseClient } from "../../database/client.ts";
import { vehiclesOfScraper } from "../../database/replay.ts";
import type { FieldName } from "../../domain/fact.ts";
import { type KeptPages } from "../backfill/read_kept.ts";
import { addUp, compare, type Example, type FieldDifference } from "./compare.ts";

/** Pages in memory at once. */
const AT_ONCE = 8;
/** Vehicles shown for each field and kind of difference. */
const EXAMPLES = 3;

/** What reading kept pages again would do. Nothing is written. */
interface ReplayReport {
  vehicles: number;
  /** Of which a good page was kept. */
  replayed: number;
  fields: Partial<Record<FieldName, FieldDifference>>;
  examples: Example[];
  /** Where to go on; null at the end. */
  next: { host: string; after: string } | null;
}

/** Reads the kept pages of a scraper's next vehicles with the present code, and compares. */
export async function replay(
  database: DatabaseClient,
  kept: KeptPages,
  request: {
    scraper: string;
    from: { host: string; after: string | null };
    limit: number;
    deadline: number;
  },
): Promise<ReplayReport> {
  const { scraper, from, limit, deadline } = request;
  const portion = await vehiclesOfScraper(database, scraper, from, limit);
  const atOnce = pLimit(AT_ONCE);
  const read = await Promise.all(portion.vehicles.map((vehicle) =>
    atOnce(async () => {
      if (Date.now() >= deadline) return "late" as const;
      const reading = await kept.read(vehicle.url);
      if (reading === null || reading.extraction.scraper.name !== scraper) return null;
      const { extraction } = reading;
      return { vehicle, extraction, different: compare(vehicle, extraction) };
    })
  ));
  // What the time did not suffice for is the next portion's.
  const late = read.indexOf("late");
  const done = late === -1 ? read : read.slice(0, late);
  const compared = done.flatMap((one) => one === null || one === "late" ? [] : [one]);
  const last = portion.vehicles[done.length - 1];
  const shown = new Map<string, number>();
  return {
    vehicles: done.length,
    replayed: compared.length,
    fields: addUp(compared),
    examples: compared.flatMap(({ different }) => different).filter(({ field, kind }) => {
      const key = `${field} ${kind}`;
      shown.set(key, (shown.get(key) ?? 0) + 1);
      return (shown.get(key) ?? 0) <= EXAMPLES;
    }),
    next: portion.next_host === null
      ? null
      : last === undefined
      ? from.after === null ? null : { host: from.host, after: from.after }
      : { host: portion.next_host, after: last.id },
  };
}
