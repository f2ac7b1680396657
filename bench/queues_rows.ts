/** The laps as rows of the table: the kernel against each other queue. */
import type { Row } from "./figure.ts";
import type { Lap, Mode } from "./queues_lap.ts";
import { quantile } from "./statistics.ts";
import { short } from "./table.ts";

export interface Measured {
  phase: string;
  /** Whose lap. */
  name: string;
  mode: Mode;
  lap: Lap;
}

const KERNEL = "the kernel";

/** What is shown of a mode: a worker alone is not there for its rate, nor a job alone for what its batch waits. */
const MEASURES = [
  {
    what: "jobs",
    unit: "per s",
    better: "more",
    shown: ({ workers }: Mode) => workers > 1,
    of: (lap: Lap) => lap.jobs / lap.seconds,
  },
  {
    what: "a claim, p99",
    unit: "ms",
    better: "less",
    shown: () => true,
    of: (lap: Lap) => quantile(lap.claims, 0.99),
  },
  {
    what: "claim to settled, p99",
    unit: "ms",
    better: "less",
    shown: ({ workers, batch }: Mode) => workers > 1 && batch > 1,
    of: (lap: Lap) => quantile(lap.perJob, 0.99),
  },
] as const;

/** One row a phase, mode, measure and other queue. `jobs` is the backlog of each. */
export function rowsOf(jobs: number, measured: readonly Measured[]): Row[] {
  const note =
    `${
      short(jobs)
    } jobs waiting in each queue, all due; jobs that do nothing, all through node-postgres from this ` +
    "process. Each queue works in turn, so dead row versions are of its own work. The kernel: backfill_queue, " +
    "what its worker needs of a row given out, vehicles that another worker has leased left out. pg-boss: a partition, " +
    "fetch and complete, supervision off. graphile-worker: its runner; in batches with localQueue and completeJobBatchDelay 0.";
  return measured.filter(({ name }) => name === KERNEL).flatMap(({ phase, mode, lap }) =>
    MEASURES.filter(({ shown }) => shown(mode)).flatMap(({ what, unit, better, of }) =>
      measured
        .filter((it) => it.name !== KERNEL && it.phase === phase && same(it.mode, mode))
        .map((other): Row => ({
          what: `${phase}, ${inWords(mode)}: ${what}`,
          value: of(lap),
          unit,
          better,
          baseline: { name: other.name, value: of(other.lap) },
          ...(what === "a claim, p99" ? { aim: "under 5 ms" } : {}),
          note,
        }))
    )
  );
}

/** "4 workers, by 20". */
export function inWords({ workers, batch }: Mode): string {
  return `${workers} worker${workers === 1 ? "" : "s"}, by ${batch}`;
}

/** Whether two modes are the same. */
export function same(one: Mode, other: Mode): boolean {
  return one.workers === other.workers && one.batch === other.batch;
}
