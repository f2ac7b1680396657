/** Several at once on the same vehicles, and workers that are killed: nothing lost, nothing twice. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type KslWorld, startKslWorld } from "../support/ksl_world.ts";
import { until } from "../support/until.ts";

/** What must hold of the queue and of provenance once everything is done. */
async function assertDoneOnce(sql: postgres.Sql): Promise<void> {
  const [state] = await sql`
    select
      (select count(*)::int from backfill_queue where status <> 'completed') as open,
      (select count(*)::int from backfill_queue where lease_token is not null) as leased,
      (select count(*)::int from (
        select from extraction_metadata where validation_status = 'accepted'
        group by vehicle_id, field_name having count(*) > 1) twice) as twice,
      (select count(*)::int from (
        select from backfill_queue where changes_detected ? 'vin'
        group by vehicle_id having count(*) > 1) again) as found_again`;
  assert.deepEqual({ ...state }, { open: 0, leased: 0, twice: 0, found_again: 0 });
}

Deno.test("two processors, a person's edits and a person's reviews on the same vehicles", async () => {
  const world = await startKslWorld();
  const { sql, post, site, lacking, notStated } = world;
  try {
    await post("process-backfill-queue", { sync_only: true });
    await sql`select register_scraper_version('ksl_scraper', 'v3.2.1', '{vin}', 1)`;
    const edited = lacking.slice(0, 12);
    const reviews = await sql<{ id: string; vehicle_id: string; field_value: string }[]>`
      select id, vehicle_id, field_value from low_confidence_extractions
      where field_name = 'seller_name' and vehicle_id = any (${lacking})`;
    assert.ok(reviews.length > 15);

    const processor = async () => {
      for (;;) {
        const { status, body } = await post("process-backfill-queue", { batch_size: 5 });
        assert.equal(status, 200, JSON.stringify(body));
        if (body.processed === 0) return;
      }
    };
    const person = async () => {
      for (const [n, id] of edited.entries()) {
        await sql`update vehicles set vin = ${`WBSAK0304LAE3${String(n).padStart(4, "0")}`}
          where id = ${id}`;
      }
    };
    const reviewer = async () => {
      for (const { id } of reviews) await sql`select review_extraction(${id}, 'accept', 'called')`;
    };
    await Promise.all([processor(), processor(), person(), reviewer()]);

    await assertDoneOnce(sql);
    const vehicles = await sql`
      select id, vin, seller_name, discovery_url, field_state from vehicles
      where id = any (${lacking})`;
    for (const { id, vin, seller_name, discovery_url, field_state } of vehicles) {
      const n = edited.indexOf(id);
      const stated = site.truth(discovery_url)?.facts.vin;
      if (n >= 0) assert.equal(vin, `WBSAK0304LAE3${String(n).padStart(4, "0")}`);
      else assert.equal(vin, notStated.includes(id) ? null : stated);
      const review = reviews.find((one) => one.vehicle_id === id);
      if (review === undefined) continue;
      assert.equal(seller_name, review.field_value);
      assert.equal(field_state.seller_name.method, "manual_review");
    }
    // What the page says of a vehicle that a person edited stands in its history, either way round.
    const seen = await sql`
      select distinct vehicle_id from extraction_metadata
      where field_name = 'vin' and extraction_method = 'ksl_scraper' and vehicle_id = any (${edited})`;
    assert.equal(seen.length, edited.length);
  } finally {
    await world.close();
  }
});

async function killed(
  when: (counts: { processing: number; completed: number }) => boolean,
  kill: (world: KslWorld) => void,
): Promise<void> {
  const world = await startKslWorld({ cron: true });
  const { sql, post, site, urls, lacking } = world;
  const counts = async () => {
    const [row] = await sql<{ processing: number; completed: number }[]>`
      select count(*) filter (where status = 'processing')::int as processing,
        count(*) filter (where status = 'completed')::int as completed
      from backfill_queue`;
    return row ?? { processing: 0, completed: 0 };
  };
  try {
    for (const [n, url] of urls.entries()) {
      const fault = site.truth(url)?.facts.vin === undefined ? null : n;
      if (fault !== null) site.setFault(url, { kind: "slow", ms: 300 + 40 * n });
    }
    // A reason that asks the site, so that there is a time between fetching and applying.
    await sql`
      insert into backfill_queue (vehicle_id, reason, source_url)
      select id, 'low_quality_score', discovery_url from vehicles where id = any (${lacking})`;
    post("process-backfill-queue", {}).catch(() => "cut off");
    await until("a run is under way", async () => when(await counts()), 30);
    kill(world);

    await until("everything is done", async () => {
      const { processing, completed } = await counts();
      return processing === 0 && completed === lacking.length;
    }, 120);
    await assertDoneOnce(sql);
    for (const url of urls) assert.ok(site.count(url) <= 3, `${url}: ${site.count(url)}`);
    const [worn] = await sql`select max(attempts)::int as attempts from backfill_queue`;
    assert.ok(worn?.attempts <= 2, `${worn?.attempts} attempts`);
  } finally {
    await world.close();
  }
}

Deno.test("registered and left alone: the invocation and cron do the rest", async () => {
  const world = await startKslWorld({ cron: true });
  const { sql, post, site } = world;
  try {
    const [job] = await sql`
      select schedule, command from cron.job where jobname = 'process-backfill-queue'`;
    assert.equal(job?.schedule, "*/5 * * * *");
    assert.doesNotMatch(job?.command, /http|Bearer|key/i, "address and key come from Vault");
    await post("process-backfill-queue", { sync_only: true });
    await sql`insert into scraper_versions (scraper_name, version, fields_affected)
      values ('ksl_scraper', 'v3.2.1', '{vin}')`;
    await until("the queue is empty", async () => {
      const [row] = await sql`select completed::int from scraper_version_status`;
      return row?.completed === 47;
    }, 120);
    assert.equal(site.requests.length, 0);
    await assertDoneOnce(sql);
    await until("the answer to the invocation is on record", async () => {
      const [worker] = await sql`
        select last_status from worker_invocation_status where function_name = 'process-backfill-queue'`;
      return worker?.last_status === 202;
    }, 120);
  } finally {
    await world.close();
  }
});

const killFunctions = ({ stack }: KslWorld) => Deno.kill(stack.functionsPid(), "SIGKILL");

Deno.test("a processor killed between fetch and apply: each row is done exactly once", () =>
  killed(({ processing, completed }) => processing > 0 && completed === 0, killFunctions));

Deno.test("a processor killed between apply and its answer: each row is done exactly once", () =>
  killed(({ processing, completed }) => processing > 0 && completed > 0, killFunctions));

Deno.test("Postgres killed under a processor: each row is done exactly once", () =>
  killed(
    ({ processing, completed }) => processing > 0 && completed > 0,
    ({ stack }) => Deno.kill(stack.postgresPid(), "SIGKILL"),
  ));
