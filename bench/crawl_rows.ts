/** The table of crawls: our import against each other way that got the same pages. */
import type { Row } from "./figure.ts";
import type { Usage } from "./usage.ts";

/** What one way took for its pages, all laps together. */
export interface Crawled {
  name: string;
  pages: number;
  seconds: number;
  /** Of the process that fetches and reads. */
  worker: Usage;
  /** CPU of Postgres and of the API, milliseconds; null where the system does not say. */
  postgresMs: number | null;
  apiMs: number | null;
  /** Facts of vehicles, bids, comments and addresses of pictures that are stored. */
  values: number;
}

/** A lap of one way, before anybody looked at what is stored. */
export type Lap = Omit<Crawled, "name" | "values">;

/** Laps added up; of peaks the highest. Throws RangeError when there is none. */
export function together(laps: readonly Lap[]): Lap {
  return laps.reduce((all, lap) => ({
    pages: all.pages + lap.pages,
    seconds: all.seconds + lap.seconds,
    worker: {
      cpuMs: all.worker.cpuMs + lap.worker.cpuMs,
      heapMb: Math.max(all.worker.heapMb, lap.worker.heapMb),
      residentMb: Math.max(all.worker.residentMb, lap.worker.residentMb),
    },
    postgresMs: sum(all.postgresMs, lap.postgresMs),
    apiMs: sum(all.apiMs, lap.apiMs),
  }), laps[0] === undefined ? none() : { ...laps[0], ...ZERO });
}

const ZERO = {
  pages: 0,
  seconds: 0,
  worker: { cpuMs: 0, heapMb: 0, residentMb: 0 },
  postgresMs: 0,
  apiMs: 0,
};

const none = (): never => {
  throw new RangeError("no lap was run");
};

const sum = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other;

/** Something that is held against the others, a page: null where it was not measured. */
interface Measure {
  what: string;
  unit: Row["unit"];
  better: Row["better"];
  of(it: Crawled): number | null;
  note?: string;
}

const each = (ms: number | null, { pages }: Crawled) => ms === null ? null : ms / pages;

const MEASURES: readonly Measure[] = [
  { what: "pages a second", unit: "per s", better: "more", of: (it) => it.pages / it.seconds },
  { what: "values stored of a page", unit: "", better: "more", of: (it) => it.values / it.pages },
  {
    what: "CPU of the worker, a page",
    unit: "ms",
    better: "less",
    of: (it) => each(it.worker.cpuMs, it),
  },
  {
    what: "CPU of Postgres, a page",
    unit: "ms",
    better: "less",
    of: (it) => each(it.postgresMs, it),
  },
  {
    what: "CPU of the API, a page",
    unit: "ms",
    better: "less",
    of: (it) => each(it.apiMs, it),
    note: "Crawlee asks no API: it has a connection of its own to Postgres.",
  },
  {
    what: "CPU of all three, a page",
    unit: "ms",
    better: "less",
    of: (it) => each(sum(sum(it.worker.cpuMs, it.postgresMs), it.apiMs), it),
  },
  {
    what: "peak of the worker's heap and buffers",
    unit: "MB",
    better: "less",
    of: (it) => it.worker.heapMb,
  },
  {
    what: "peak of the worker's process",
    unit: "MB",
    better: "less",
    of: (it) => it.worker.residentMb,
  },
];

/** A row for each measure and other way; `pages` names them: "posts". */
export function rowsOf(
  pages: string,
  ours: Crawled,
  others: readonly Crawled[],
  note: string,
): Row[] {
  return MEASURES.flatMap((measure) => {
    const value = measure.of(ours);
    if (value === null) return [];
    return others.flatMap((other): Row[] => {
      const baseline = measure.of(other);
      return baseline === null ? [] : [{
        what: `${pages}: ${measure.what}`,
        value,
        unit: measure.unit,
        better: measure.better,
        baseline: { name: other.name, value: baseline },
        note: measure.note ?? note,
      }];
    });
  });
}

/** @throws Error when a way stored other pages than it was given: then its speed is worth nothing. */
export function mustBeAll(name: string, given: number, stored: number, fetched: number): void {
  if (stored !== given) throw new Error(`${name} stored ${stored} of ${given} pages`);
  if (fetched !== given) throw new Error(`${name} fetched ${fetched} times for ${given} pages`);
}
