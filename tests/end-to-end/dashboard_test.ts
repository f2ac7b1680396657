/** The views of the steps, while real imports fail, are given up, and are put back by what the views say. */
import assert from "node:assert/strict";
import { startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";

Deno.test("what the dashboard says of failed steps is true, and what it says to type heals them", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 4 } } });
  const { site, sql, post } = world;
  const [good = "", gone = "", down = "", bare = ""] = [0, 1, 2, 3]
    .map((n) => site.catalogue.at(HOST, n)?.url ?? "");
  const failures = async () =>
    new Map(
      (await sql`select * from recent_step_failures order by failed_at`).map((
        row,
      ) => [row.url, row]),
    );
  const rate = async () =>
    (await sql`select * from step_success_rates where step_name = 'extract_data'`)[0];
  try {
    await t.step(
      "a listing that is gone is final, one whose site is down is tried again",
      async () => {
        site.setFault(gone, { kind: "gone", status: 404 });
        site.setFault(down, { kind: "server_error" });
        await post("import-bat-listing", { urls: [good, gone, down] });
        const seen = await failures();
        assert.equal(seen.size, 2);
        assert.deepEqual([seen.get(gone)?.state, seen.get(gone)?.what_to_type], ["final", null]);
        assert.deepEqual(
          [seen.get(down)?.state, seen.get(down)?.retried_by, seen.get(down)?.outcome_code],
          ["is tried again", "import_queue", "server_error"],
        );
        assert.ok(seen.get(down)?.next_retry_at instanceof Date, "it says when");
      },
    );

    await t.step("the rate counts what could have worked, the time what was measured", async () => {
      const row = await rate();
      assert.deepEqual(
        [
          row?.source,
          row?.succeeded_1d,
          row?.failed_1d,
          row?.success_rate_1d,
          row?.nothing_there_7d,
        ],
        [HOST, "1", "1", "50.0", "1"],
      );
      assert.ok(row?.median_ms_1d >= 0 && row?.p95_ms_1d >= row?.median_ms_1d);
      assert.equal(row?.timed_1d, "3");
    });

    await t.step("given up: a dead letter, and what to type", async () => {
      for (let n = 0; n < 3; n++) {
        await sql`update import_queue set next_attempt_at = null where status = 'pending'`;
        await post("process-import-queue", {});
      }
      const dead = await sql`select * from dead_letters`;
      assert.deepEqual(dead.map((row) => [row.queue, row.url, row.outcome_code, row.attempts]), [
        ["import_queue", down, "server_error", 3],
      ]);
      const seen = (await failures()).get(down);
      assert.deepEqual([seen?.state, seen?.what_to_type], ["given up", dead[0]?.what_to_type]);
    });

    await t.step("typed once the site is well again: a vehicle", async () => {
      site.clearFaults();
      const [dead] = await sql`select what_to_type from dead_letters`;
      await sql.unsafe(dead?.what_to_type);
      await post("process-import-queue", {});
      const [vehicle] = await sql`select vehicle_id from import_queue where listing_url = ${down}`;
      assert.ok(vehicle?.vehicle_id);
      assert.deepEqual([...await sql`select * from dead_letters`], []);
      assert.equal((await failures()).get(down)?.state, "worked since");
      assert.equal((await rate())?.succeeded_1d, "2");
    });

    await t.step(
      "a vehicle of which one step failed: which, who tries it again, and then no more",
      async () => {
        await post("import-bat-listing", { url: bare, download_images: false });
        const [vehicle] = await sql`select id from vehicles where discovery_url = ${bare}`;
        const id = vehicle?.id;
        site.setFault(bare, { kind: "server_error" });
        await sql`update page_snapshots set (fetched_at, last_seen_at) = (now() - interval '1 day', now() - interval '1 day')`;
        await post("extract-auction-comments", { vehicle_id: id });
        const [partial] = await sql`select * from vehicles_with_partial_failures`;
        assert.deepEqual(
          [
            partial?.vehicle_id,
            partial?.failed_steps,
            partial?.retried_steps,
            partial?.what_to_type,
          ],
          [id, ["extract_comments"], ["extract_comments"], null],
        );
        assert.ok(partial?.worked_steps.includes("extract_data"));
        const [waiting] =
          await sql`select step_name, waiting, success_rate_last_day from retry_queue_status`;
        assert.deepEqual({ ...waiting }, {
          step_name: "extract_comments",
          waiting: "1",
          success_rate_last_day: null,
        });

        site.clearFaults();
        const { body } = await post("retry-failed-steps", { vehicle_ids: [id] });
        assert.equal(body.completed, 1, JSON.stringify(body));
        assert.deepEqual([...await sql`select * from vehicles_with_partial_failures`], []);
        const [done] =
          await sql`select completed_last_day, success_rate_last_day from retry_queue_status`;
        assert.deepEqual({ ...done }, { completed_last_day: "1", success_rate_last_day: "100.0" });
      },
    );
  } finally {
    await world.close();
  }
});
