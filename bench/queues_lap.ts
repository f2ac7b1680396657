/** What every queue under measurement is asked for, and what is counted. */

/** Connections that claim and settle at the same time. */
export const WORKERS = 4;

/** One stretch of work. */
export interface Lap {
  /** Jobs claimed and settled. */
  jobs: number;
  seconds: number;
  /** Milliseconds of each claim, as its worker waits for it. */
  claims: number[];
  /** Milliseconds from the claim that took a job to its being settled, of each job. */
  perJob: number[];
}

/** A queue with its backlog, worked by `WORKERS` connections with a job that does nothing. */
export interface Contestant {
  name: string;
  /** Jobs of one claim. */
  batch: number;
  /** Works for this long. @throws Error when a job is missing or was not settled. */
  work(ms: number): Promise<Lap>;
}

/** The laps of one contestant in one phase as one. @throws RangeError without laps. */
export function together(laps: readonly Lap[]): Lap {
  if (laps.length === 0) throw new RangeError("no laps");
  return {
    jobs: laps.reduce((sum, lap) => sum + lap.jobs, 0),
    seconds: laps.reduce((sum, lap) => sum + lap.seconds, 0),
    claims: laps.flatMap((lap) => lap.claims),
    perJob: laps.flatMap((lap) => lap.perJob),
  };
}

/**
 * Claims and settles in `WORKERS` loops at once: the lap of a queue whose client is a pair of calls.
 * @throws Error when a claim comes back empty, or not all of it is settled: the backlog outlasts every lap.
 */
export async function loops<Job>(
  ms: number,
  { claim, settle }: {
    claim(worker: number): Promise<Job[]>;
    /** Gives how many were settled. */
    settle(worker: number, jobs: Job[]): Promise<number>;
  },
): Promise<Lap> {
  const lap: Lap = { jobs: 0, seconds: 0, claims: [], perJob: [] };
  const start = performance.now();
  const loop = async (worker: number) => {
    while (performance.now() - start < ms) {
      const before = performance.now();
      const jobs = await claim(worker);
      lap.claims.push(performance.now() - before);
      if (jobs.length === 0) throw new Error("a claim came back empty from a backlog");
      const settled = await settle(worker, jobs);
      if (settled !== jobs.length) throw new Error(`${settled} of ${jobs.length} were settled`);
      const took = performance.now() - before;
      for (let n = 0; n < settled; n++) lap.perJob.push(took);
      lap.jobs += settled;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => loop(worker)));
  lap.seconds = (performance.now() - start) / 1000;
  return lap;
}
