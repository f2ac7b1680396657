import type { DatabaseClient } from "../../database/client.ts";
import { type ReplayedVehicle, vehiclesOfScraper } from "../../database/replay.ts";
import type { FieldName } from "../../domain/fact.ts";
import { type SnapshotReader } from "../backfill/read_snapshot.ts";
import { type Attempt, workAll } from "../lease/work.ts";
import { addUp, compare, type Compared, type Example, type FieldDifference } from "./compare.ts";

/** Vehicles shown for each field and kind of difference. */
const EXAMPLES = 3;

/** What reading snapshots again would do. Nothing is written. */
interface ReplayReport {
  vehicles: number;
  /** Of which a good page was kept. */
  replayed: number;
  fields: Partial<Record<FieldName, FieldDifference>>;
  examples: Example[];
  /** Where to go on; null at the end. */
  next: { host: string; after: string } | null;
}

/** Reads the snapshots of a scraper's next vehicles with the present code, and compares. */
export async function replay(
  database: DatabaseClient,
  snapshots: SnapshotReader,
  request: {
    scraper: string;
    from: { host: string; after: string | null };
    limit: number;
    deadline: number;
  },
): Promise<ReplayReport> {
  const { scraper, from, limit, deadline } = request;
  const portion = await vehiclesOfScraper(database, scraper, from, limit);
  const { finished, released } = await workAll<
    ReplayedVehicle,
    Attempt<Compared | null>,
    Compared | null
  >(portion.vehicles, {
    deadline,
    async work(vehicle) {
      const reading = await snapshots.read(vehicle.url);
      if (reading === null || reading.extraction.scraper.name !== scraper) {
        return { kind: "done", item: null };
      }
      const { extraction } = reading;
      return {
        kind: "done",
        item: { vehicle, extraction, different: compare(vehicle, extraction) },
      };
    },
    write: (items) => Promise.resolve(items), // nothing is
  });
  // What the time did not suffice for is the next portion's.
  const late = released[0]?.row;
  const done = late === undefined
    ? portion.vehicles
    : portion.vehicles.slice(0, portion.vehicles.indexOf(late));
  const compared = finished.flatMap(({ row, result }) =>
    result !== null && done.includes(row) ? [result] : []
  );
  const last = done.at(-1);
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
