/** What every queue under measurement is asked for, and what is counted. */

/** How a queue is worked. */
export interface Mode {
  /** Connections that claim and settle at the same time. */
  workers: number;
  /** Jobs of one claim. */
  batch: number;
}

/** The most workers that any mode has. */
export const MOST_WORKERS = 4;

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

/** A queue with its backlog, worked with a job that does nothing. */
export interface Contestant {
  name: string;
  mode: Mode;
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
 * Claims and settles in as many loops at once as there are workers: the lap of a queue whose client is a pair of calls.
 * @throws Error when a claim comes back empty, or not all of it is settled: the backlog outlasts every lap.
 */
export async function loops<Job>(
  { ms, workers, claim, settle }: {
    ms: number;
    workers: number;
    claim(): Promise<Job[]>;
    /** Gives how many were settled. */
    settle(jobs: Job[]): Promise<number>;
  },
): Promise<Lap> {
  const lap: Lap = { jobs: 0, seconds: 0, claims: [], perJob: [] };
  const start = performance.now();
  const loop = async () => {
    while (performance.now() - start < ms) {
      const before = performance.now();
      const jobs = await claim();
      lap.claims.push(performance.now() - before);
      if (jobs.length === 0) throw new Error("a claim came back empty from a backlog");
      const settled = await settle(jobs);
      if (settled !== jobs.length) throw new Error(`${settled} of ${jobs.length} were settled`);
      const took = performance.now() - before;
      for (let n = 0; n < settled; n++) lap.perJob.push(took);
      lap.jobs += settled;
    }
  };
  await Promise.all(Array.from({ length: workers }, loop));
  lap.seconds = (performance.now() - start) / 1000;
  return lap;
}
