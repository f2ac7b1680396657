/** The queue kernel of this project, asked by SQL as the other queues are. */
import pg from "pg";
import { z } from "zod";
import { type Contestant, loops, WORKERS } from "./queues_lap.ts";

/** The table under the kernel that is measured. */
export const QUEUE = "backfill_queue";

const claimed = z.array(z.object({ id: z.string(), lease_token: z.string() }));
const settled = z.array(z.object({ id: z.string(), status: z.string().nullable() }));

/**
 * Fills the queue: every row due, oldest first as in a backlog that has built up.
 * @param admin a superuser's connection: triggers of vehicles rest meanwhile, or this takes minutes.
 */
export async function fillKernel(admin: pg.Client, jobs: number): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into public.vehicles (id, discovery_url)
    select md5(n::text)::uuid, 'https://bringatrailer.com/listing/benchmark-' || n || '/'
    from generate_series(1, $1::integer) n`,
    [jobs],
  );
  // As the triggers would: every vehicle has its row, which a claim looks at.
  await admin.query(
    `insert into public.micro_scrape_state (vehicle_id, vehicle_created_at, state, due_at)
    select id, created_at, 'waiting', now() + interval '1 day' from public.vehicles`,
  );
  await admin.query(
    `insert into public.${QUEUE} (vehicle_id, reason, source_url, created_at)
    select md5(n::text)::uuid, 'benchmark', 'https://bringatrailer.com/listing/benchmark-' || n || '/',
      now() - ($1::integer - n) * interval '10 milliseconds'
    from generate_series(1, $1::integer) n`,
    [jobs],
  );
  await admin.query("reset session_replication_role");
  await admin.query(
    `vacuum analyze public.vehicles, public.micro_scrape_state, public.${QUEUE}`,
  );
}

/** Claims by `claim_queue`, settles by `settle_queue`. */
export function kernel(url: string, batch: number): Contestant & { end(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: WORKERS });
  return {
    name: "the kernel",
    batch,
    work: (ms) =>
      loops(ms, {
        async claim() {
          const { rows } = await pool.query({
            name: "claim",
            text: "select public.claim_queue($1, $2::integer) as jobs",
            values: [QUEUE, batch],
          });
          return claimed.parse(rows[0]?.jobs);
        },
        async settle(_, jobs) {
          const items = jobs.map(({ id, lease_token }) => ({ id, lease_token, outcome: "ok" }));
          const { rows } = await pool.query({
            name: "settle",
            text: "select public.settle_queue($1, $2::jsonb) as done",
            values: [QUEUE, JSON.stringify(items)],
          });
          return settled.parse(rows[0]?.done)
            .filter(({ status }) => status?.startsWith("complete")).length;
        },
      }),
    end: () => pool.end(),
  };
}
