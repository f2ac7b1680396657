/** pg-boss in its best form for this: a partition of its own, batches by `fetch` and `complete`. */
import type pg from "pg";
import { PgBoss } from "pg-boss";
import { z } from "zod";
import { type Contestant, loops, type Mode, MOST_WORKERS } from "./queues_lap.ts";

const QUEUE = "benchmark";
const completed = z.object({ affected: z.int() });

interface Boss {
  /** Queues `jobs` by SQL, with the values that `insert` would give them. */
  fill(admin: pg.Client, jobs: number): Promise<void>;
  contestant(mode: Mode): Contestant;
  end(): Promise<void>;
}

/** Makes its schema. Its supervision and schedules are off: they would only cost it time. */
export async function startBoss(url: string): Promise<Boss> {
  const boss = new PgBoss({
    connectionString: url,
    max: MOST_WORKERS,
    supervise: false,
    schedule: false,
  });
  let failure: Error | null = null;
  boss.on("error", (error) => failure = error);
  await boss.start();
  await boss.createQueue(QUEUE, { partition: true });
  return {
    async fill(admin, jobs) {
      await admin.query(
        `insert into pgboss.job (name, data, policy, start_after, created_on)
        select $2, jsonb_build_object('vehicle_id', md5(n::text)::uuid,
          'url', 'https://bringatrailer.com/listing/benchmark-' || n || '/'),
          'standard', at, at
        from (
          select n, now() - ($1::integer - n) * interval '10 milliseconds' as at
          from generate_series(1, $1::integer) n
        ) jobs`,
        [jobs, QUEUE],
      );
      await admin.query("vacuum analyze pgboss.job");
    },
    contestant: (mode) => ({
      name: "pg-boss",
      mode,
      async work(ms) {
        const lap = await loops({
          ms,
          workers: mode.workers,
          claim: () => boss.fetch(QUEUE, { batchSize: mode.batch }),
          async settle(jobs) {
            return completed.parse(await boss.complete(QUEUE, jobs.map(({ id }) => id))).affected;
          },
        });
        if (failure !== null) throw failure;
        return lap;
      },
    }),
    end: () => boss.stop({ graceful: false }),
  };
}
