/** The laps as rows of the table: the kernel against each other queue. */
import type { Row } from "./figure.ts";
import { type Lap, WORKERS } from "./queues_lap.ts";
import { quantile } from "./statistics.ts";
import { short } from "./table.ts";

export interface Measured {
  phase: string;
  /** Whose lap. */
  name: string;
  batch: number;
  lap: Lap;
}

const KERNEL = "the kernel";

const MEASURES = [
  {
    what: "jobs",
    unit: "per s",
    better: "more",
    of: (lap: Lap) => lap.jobs / lap.seconds,
  },
  {
    what: "a claim, p99",
    unit: "ms",
    better: "less",
    of: (lap: Lap) => quantile(lap.claims, 0.99),
  },
  {
    what: "claim to settled, p99",
    unit: "ms",
    better: "less",
    of: (lap: Lap) => quantile(lap.perJob, 0.99),
  },
] as const;

/** One row a phase, batch, measure and other queue. `jobs` is the backlog of each. */
export function rowsOf(jobs: number, measured: readonly Measured[]): Row[] {
  const note =
    `${
      short(jobs)
    } jobs waiting in each queue, ${WORKERS} connections that claim and settle, jobs that do ` +
    "nothing, all through node-postgres from this process. Each queue works in turn; dead row versions are of " +
    "its own work. pg-boss: a partition, fetch and complete, supervision off. graphile-worker: its runner; " +
    "in batches with localQueue and completeJobBatchDelay 0.";
  return measured.filter(({ name }) => name === KERNEL).flatMap(({ phase, batch, lap }) =>
    MEASURES.flatMap(({ what, unit, better, of }) =>
      measured
        .filter((it) => it.name !== KERNEL && it.phase === phase && it.batch === batch)
        .map((other): Row => ({
          what: `${phase}, by ${batch}: ${what}`,
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
