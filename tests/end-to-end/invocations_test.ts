/** What the database pays for: how often it invokes its workers, and how often there is nothing to do. */
import assert from "node:assert/strict";
import postgres from "postgres";
import { html, playSite, type Site } from "../support/site.ts";
import { startTestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { insertListings } from "../support/world.ts";

const HOSTS = 20;
const VEHICLES = 1_000;
const TICK_SECONDS = 20;
const TICKS = 30; // ten minutes
const MAKES = ["Mazda MX-5", "Honda S2000", "Ford Bronco", "BMW M3", "Porsche 944"];

/** Two hosts are dead, one answers late, the others at once. */
function play(site: Site): void {
  site.answer = async ({ url }) => {
    const n = Number(url.hostname.match(/\d+/)?.[0]);
    if (n < 2) return new Response("unavailable", { status: 503 });
    if (n === 2) await new Promise((resolve) => setTimeout(resolve, 300));
    const id = Number(url.pathname.match(/\d+/)?.[0]);
    const name = `${1980 + id % 40} ${MAKES[id % MAKES.length]}`;
    const car = { "@context": "https://schema.org", "@type": "Car", name, url: url.href };
    return html(
      `<h1>${name}</h1><script type="application/ld+json">${JSON.stringify(car)}</script>`,
    );
  };
}

interface CronJob {
  schedule: string;
  command: string;
}

/** Takes cron's jobs from it, so that its time is given here. */
async function takeJobs(sql: postgres.Sql): Promise<CronJob[]> {
  const jobs = await sql<CronJob[]>`select schedule, command from cron.job order by jobid`;
  await sql`select cron.unschedule(jobid) from cron.job`;
  return jobs;
}

/** What cron runs at this tick: the jobs of each 20 seconds, and at each fifteenth tick those of five minutes. */
async function runJobs(sql: postgres.Sql, jobs: readonly CronJob[], tick: number): Promise<void> {
  for (const { schedule, command } of jobs) {
    const isDue = schedule === "20 seconds" || tick % 15 === 0 && schedule === "*/5 * * * *";
    if (isDue) await sql.unsafe(command);
  }
}

/** Nothing is on its way to a worker, and none is at work. */
async function isQuiet(sql: postgres.Sql): Promise<boolean> {
  const [open] = await sql`
    select
      (select count(*) from net.http_request_queue)
      + (select count(*) from micro_scrape_runs where status = 'running')
      + (select count(*) from micro_scrape_state where state = 'leased')
      + (select count(*) from scrape_retry_queue where status = 'processing')
      + (select count(*) from worker_invocations
          where rows_claimed is null and request_id is not null and invoked_at > now() - interval '5 seconds')
      = 0 as quiet`;
  return open?.quiet === true;
}

/** Stored times move back: of what waits, of hosts, and of invocations. */
async function passTime(sql: postgres.Sql): Promise<void> {
  const step = `${TICK_SECONDS} seconds`;
  await sql.begin(async (tx) => {
    await tx`update micro_scrape_state set due_at = due_at - ${step}::interval where state = 'waiting'`;
    await tx`update scrape_retry_queue set next_retry_at = next_retry_at - ${step}::interval
      where status = 'pending' and next_retry_at is not null`;
    await tx`update worker_invocations set invoked_at = invoked_at - ${step}::interval`;
    await tx`update source_hosts set
      retry_after = retry_after - ${step}::interval,
      retry_at = retry_at - ${step}::interval,
      opened_at = opened_at - ${step}::interval,
      probe_until = probe_until - ${step}::interval`;
  });
}

Deno.test("1,000 vehicles over 20 hosts, two dead and one slow: who is invoked finds work", async () => {
  const site = playSite();
  play(site);
  const stack = await startTestStack({
    cron: true,
    functionEnv: { SOURCE_MIRROR_URL: site.mirrorUrl },
  });
  const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
  try {
    await sql`alter table source_hosts alter column min_interval_ms set default 0`;
    const jobs = await takeJobs(sql);
    await insertListings(
      sql,
      Array.from({ length: VEHICLES }, (_, i) => `https://cars${i % HOSTS}.example/car/${i}`),
    );
    for (let tick = 0; tick < TICKS; tick++) {
      await runJobs(sql, jobs, tick);
      await until("the workers have ended", () => isQuiet(sql), 120);
      await passTime(sql);
    }
    const [read] = await sql`
      select count(*) filter (where last_outcome = 'ok')::int as ok, count(*)::int as all
      from micro_scrape_state`;
    assert.ok(read?.ok >= VEHICLES * 0.9, `${read?.ok} of ${read?.all} were read`);

    const counts = await sql<
      { function_name: string; invocations: number; found_work: number; found_nothing: number }[]
    >`
      select function_name, sum(invocations)::int as invocations, sum(found_work)::int as found_work,
        sum(found_nothing)::int as found_nothing
      from worker_invocations_by_hour group by function_name order by function_name`;
    const shown = JSON.stringify(counts);
    const invocations = counts.reduce((sum, one) => sum + one.invocations, 0);
    const [claimed] = await sql`select sum(rows_claimed)::int as rows from worker_invocations`;
    const most = 1.2 * claimed?.rows / 20;
    assert.ok(
      invocations <= most,
      `${invocations} invocations for ${claimed?.rows} rows: ${shown}`,
    );
    for (const { function_name, found_nothing } of counts) {
      assert.ok(found_nothing <= 2, `${function_name} was invoked for nothing: ${shown}`);
    }
  } finally {
    await sql.end();
    await stack.stop();
    await site[Symbol.asyncDispose]();
  }
});
