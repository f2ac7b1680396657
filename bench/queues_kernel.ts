/** The queue kernel of this project, asked by SQL as the other queues are. */
import pg from "pg";
import { z } from "zod";
import { type Contestant, loops, type Mode } from "./queues_lap.ts";

/** The table under the kernel that is measured. */
export const QUEUE = "backfill_queue";

const claimed = z.array(z.object({ id: z.string(), lease_token: z.string() }));
const settled = z.array(z.object({ id: z.string(), status: z.string().nullable() }));

/**
 * Fills the queue: every row due, oldest first as in a backlog that has built up. The vehicles themselves are left
 * out, since neither a claim nor a settling looks at them; a claim does look at what the other workers hold of them.
 * @param admin a superuser's connection: foreign keys rest meanwhile.
 */
export async function fillKernel(admin: pg.Client, jobs: number): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into public.micro_scrape_state (vehicle_id, vehicle_created_at, state, due_at)
    select md5(n::text)::uuid, now(), 'waiting', now() + interval '1 day'
    from generate_series(1, $1::integer) n`,
    [jobs],
  );
  await admin.query(
    `insert into public.${QUEUE} (vehicle_id, reason, source_url, created_at)
    select md5(n::text)::uuid, 'benchmark', 'https://bringatrailer.com/listing/benchmark-' || n || '/',
      now() - ($1::integer - n) * interval '10 milliseconds'
    from generate_series(1, $1::integer) n`,
    [jobs],
  );
  await admin.query("reset session_replication_role");
  await admin.query(`vacuum analyze public.micro_scrape_state, public.${QUEUE}`);
}

export interface Kernel extends Contestant {
  end(): Promise<void>;
}

/** Claims by `claim_queue`, settles by `settle_queue`. */
export function kernel(url: string, mode: Mode): Kernel {
  const pool = new pg.Pool({ connectionString: url, max: mode.workers });
  return {
    name: "the kernel",
    mode,
    work: (ms) =>
      loops({
        ms,
        workers: mode.workers,
        async claim() {
          const { rows } = await pool.query({
            name: "claim",
            text:
              "select public.claim_queue(p_queue => $1, p_limit => $2::integer, p_narrow => true) as jobs",
            values: [QUEUE, mode.batch],
          });
          return claimed.parse(rows[0]?.jobs);
        },
        async settle(jobs) {
          const { rows } = await pool.query({
            name: "settle",
            text: "select public.settle_queue($1, $2::jsonb) as done",
            values: [QUEUE, JSON.stringify(jobs.map(done))],
          });
          return settledOf(rows[0]?.done);
        },
      }),
    end: () => pool.end(),
  };
}

/** The same through the REST API, as the edge functions do it. */
export function kernelThroughRest(url: string, key: string, mode: Mode): Contestant {
  const rpc = async (name: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { apikey: key, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${name}: ${response.status}: ${await response.text()}`);
    return await response.json();
  };
  return {
    name: "the kernel through REST",
    mode,
    work: (ms) =>
      loops({
        ms,
        workers: mode.workers,
        claim: async () =>
          claimed.parse(
            await rpc("claim_queue", { p_queue: QUEUE, p_limit: mode.batch, p_narrow: true }),
          ),
        settle: async (jobs) =>
          settledOf(await rpc("settle_queue", { p_queue: QUEUE, p_items: jobs.map(done) })),
      }),
  };
}

const done = ({ id, lease_token }: { id: string; lease_token: string }) => ({
  id,
  lease_token,
  outcome: "ok",
});

const settledOf = (answer: unknown) =>
  settled.parse(answer).filter(({ status }) => status?.startsWith("complete")).length;
