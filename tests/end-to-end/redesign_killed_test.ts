/** A job that learns is killed in the middle of each step, and comes to the same in the end. */
import assert from "node:assert/strict";
import { REDESIGN_SITES } from "../../demo/redesign/sites.ts";
import { type RedesignWorld, startRedesignWorld } from "../support/redesign_world.ts";
import { until } from "../support/until.ts";

const CARS = 30;
const [SITE] = REDESIGN_SITES;

/** Waits until a worker holds the job at a step, kills, and takes the lease of the dead away. */
async function killAt(world: RedesignWorld, step: string, kill: () => void): Promise<number> {
  const run = world.post("learn-extraction-maps").catch(() => null);
  const at = async () => {
    const [job] = await world.sql`
      select steps_done from extraction_map_jobs
      where status = 'processing' and step = ${step} and lease_expires_at > now()`
      .catch(() => []);
    return job?.steps_done as number | undefined;
  };
  let done: number | undefined;
  await until(`a worker is at step ${step}`, async () => {
    done = await at();
    if (done !== undefined) return true;
    // A run that ended before is followed by the next, as the database would invoke it.
    if (await ended(run)) void world.post("learn-extraction-maps").catch(() => null);
    return false;
  });
  kill();
  await run;
  // Of the connections that Postgres closed, each says so once.
  const again = (work: () => PromiseLike<unknown>) =>
    until("the database answers", () => Promise.resolve(work()).then(() => true, () => false));
  await again(() =>
    world.sql`
      update extraction_map_jobs set lease_expires_at = now() - interval '1 second'
      where status = 'processing'`
  );
  await again(() =>
    world.sql`update extraction_map_jobs set next_attempt_at = null where status = 'pending'`
  );
  return done ?? -1;
}

const ended = (run: Promise<unknown>): Promise<boolean> =>
  Promise.race([run.then(() => true), new Promise<boolean>((go) => setTimeout(go, 5, false))]);

Deno.test("a job killed in the middle of its steps goes on where it stood", async (t) => {
  assert.ok(SITE);
  const world = await startRedesignWorld(SITE, CARS);
  const { sql, stack, urls } = world;
  try {
    await sql`insert into import_queue (listing_url) select unnest(${urls}::text[])`;
    while ((await world.post("process-import-queue")).body.more_due === true);
    world.isRedesigned = true;
    const ids = (await sql`select id from vehicles`).map(({ id }) => id);
    for (const part of [ids.slice(0, 15), ids.slice(15)]) {
      await world.post("scrape-vehicle", { vehicle_ids: part });
    }
    await sql`select private.queue_map_jobs()`;

    const functions = () => Deno.kill(stack.functionsPid(), "SIGKILL");
    const postgres = () => Deno.kill(stack.postgresPid(), "SIGKILL");
    let stood = 0;
    for (
      const [step, what, kill] of [
        ["index", "the functions' host", functions],
        ["learn", "the functions' host", functions],
        ["learn", "Postgres", postgres],
        ["compare", "the functions' host", functions],
      ] as const
    ) {
      await t.step(`${what} killed at step ${step}: what was written stands`, async () => {
        const done = await killAt(world, step, kill);
        assert.ok(done >= stood, `${done} steps are done, and ${stood} were`);
        stood = done;
      });
    }

    await t.step("the job ends with one map and one version, and leaves nothing", async () => {
      // So little time that each run reads one page.
      const short = { max_runtime_ms: 1_000 };
      await until("the job is done", async () => {
        await world.post("learn-extraction-maps", short).catch(() => null);
        const [job] = await sql`select status from extraction_map_jobs`;
        return job?.status === "completed";
      });
      const [left] = await sql`
        select
          (select result from extraction_map_jobs) as result,
          (select count(*)::int from extraction_maps where status = 'serving') as maps,
          (select count(*)::int from extraction_maps) as learned,
          (select count(*)::int from scraper_versions where scraper_name like 'map:%') as versions,
          (select count(*)::int from extraction_map_pages) as pages,
          (select count(*)::int from extraction_map_jobs where lease_token is not null) as leases`;
      assert.deepEqual({ ...left }, {
        result: "1 of 1 maps serve",
        maps: 1,
        learned: 1,
        versions: 1,
        pages: 0,
        leases: 0,
      });
    });
  } finally {
    await world.close();
  }
});
