/** The session that joins two vehicles dies in the middle: there are both, or the one, whole. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { sql as connect, withStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const KEPT = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const ends = ["is terminated", "is killed"] as const;

/** Two vehicles of one car, each with a listing, a reading, and pictures to fetch. */
async function makeTwo(sql: postgres.Sql): Promise<void> {
  await sql`truncate vehicles, vehicle_merges, import_queue, remembered_addresses cascade`;
  await sql`insert into vehicles (id, discovery_url) values
    (${KEPT}, 'https://a.example/1'), (${OTHER}, 'https://b.example/1')`;
  const fact = (value: unknown) => ({ value, confidence: 0.95, evidence: "seen" });
  const items = [[KEPT, "https://a.example/1"], [OTHER, "https://b.example/1"]].map((
    [id, url],
  ) => ({
    ...{ vehicle_id: id, source_url: url, outcome: "ok", method: "m", scraper_version: "v1.0.0" },
    page_at: "2026-01-01T00:00:00Z",
    facts: {
      vin: fact("WP0AA29829U760958"),
      year: fact(2009),
      make: fact("Porsche"),
      color: fact(url),
    },
    images: Array.from({ length: 40 }, (_, n) => `https://i.example/${id}/${n}.jpg`),
  }));
  await sql`select apply_extractions(${sql.json(items as postgres.JSONValue)})`;
}

/** Vehicles, their listings, provenance and pictures, and the merge on record. */
async function held(sql: postgres.Sql) {
  const [row] = await sql`
    select
      (select jsonb_agg(id order by id) from vehicles) as vehicles,
      (select jsonb_agg(array[vehicle_id::text, canonical_url] order by id) from vehicle_listings) as listings,
      (select jsonb_object_agg(vehicle_id, n) from (
        select vehicle_id, count(*) as n from image_downloads group by 1) d) as pictures,
      (select count(*)::int from extraction_metadata) as provenance,
      (select count(*)::int from vehicle_merges) as merges`;
  return { ...row };
}

Deno.test("a join that is not ended", (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: 1, admin: true });
    const victim = () => connect(stack, { max: 1 });
    const pidOf = async (its: postgres.Sql) =>
      Number((await its`select pg_backend_pid() as pid`)[0]?.pid);
    const end = async (how: typeof ends[number], pid: number) => {
      if (how === "is terminated") await sql`select pg_terminate_backend(${pid})`;
      else Deno.kill(pid, "SIGKILL"); // Postgres ends all sessions, and recovers
    };
    const recovered = async () => {
      // A session that has not yet heard of it may answer once.
      for (let answers = 0; answers < 3; answers++) {
        await until("Postgres answers", () =>
          sql`select pg_sleep(0.1)`.then(() => true, () => false), 60);
      }
    };
    try {
      await makeTwo(sql);
      const two = await held(sql);
      await sql`select merge_vehicles(${KEPT}, ${OTHER})`;
      const one = await held(sql);
      assert.notDeepEqual(one, two);

      for (const how of ends) {
        await t.step(`leaves both when its session ${how} before it commits`, async () => {
          await makeTwo(sql);
          const its = victim();
          const pid = await pidOf(its);
          const dying = its`select merge_vehicles(${KEPT}, ${OTHER}), pg_sleep(20)`
            .then(() =>
              "was let", () =>
              "died");
          await until("it has joined and does not end", async () => {
            const [row] = await sql`
              select wait_event = 'PgSleep' as sleeps from pg_stat_activity where pid = ${pid}`;
            return row?.sleeps === true;
          });
          await end(how, pid);
          assert.equal(await dying, "died");
          await recovered();
          assert.deepEqual(await held(sql), two);
          await its.end({ timeout: 1 });
        });

        await t.step(`leaves both or one when its session ${how} at any moment`, async () => {
          const seen = { both: 0, one: 0 };
          for (let n = 0; n < (how === "is killed" ? 3 : 8); n++) {
            await makeTwo(sql);
            const its = victim();
            const pid = await pidOf(its);
            const dying = its`select merge_vehicles(${KEPT}, ${OTHER})`.then(() => {}, () => {});
            await new Promise((done) => setTimeout(done, n * (how === "is killed" ? 60 : 15)));
            await end(how, pid);
            await dying;
            await recovered();
            const now = await held(sql);
            const isOne = now.vehicles?.length === 1;
            assert.deepEqual(now, isOne ? one : two);
            seen[isOne ? "one" : "both"]++;
            // Whatever it left, the next is made, and can be taken back.
            if (!isOne) await sql`select merge_vehicles(${KEPT}, ${OTHER})`;
            await sql`select unmerge_vehicle(${OTHER})`;
            assert.equal((await held(sql)).vehicles?.length, 2);
            await its.end({ timeout: 1 });
          }
          console.log(`left both ${seen.both} times, and one ${seen.one} times`);
        });
      }
    } finally {
      await sql.end();
    }
  }));
