import assert from "node:assert/strict";
import { startRetryWorld } from "../support/retries.ts";
import { insertListings } from "../support/world.ts";
import { until } from "../support/until.ts";

Deno.test("retry-failed-steps: images, limits, and rows that make no sense", async (t) => {
  const world = await startRetryWorld();
  const { host, stack, site, sql, post, nextUrl, imported, failed, rowOf, makeDue, retry } = world;
  try {
    await t.step(
      "images that wait for their own time are no failure: released until then",
      async () => {
        const url = nextUrl();
        site.setImageFault(host, { kind: "server_error" }, 1);
        const id = await imported(url);
        await failed(id, "backfill_images");
        site.clearLog();
        const body = await retry();
        assert.deepEqual([body.processed, body.released.length], [0, 1], JSON.stringify(body));
        assert.match(body.released[0].message, /wait for their turn/);
        assert.equal(site.requests.length, 0);
        const row = await rowOf(id, "backfill_images");
        assert.deepEqual([row?.status, row?.retry_count], ["pending", 0]);
        const [due] = await sql`
        select min(next_attempt_at) as at from image_downloads
        where vehicle_id = ${id} and status = 'pending'`;
        assert.ok(Math.abs(row?.next_retry_at - due?.at) < 1000, "until the first of them is due");

        site.setImageFault(host, null);
        await sql`update image_downloads set next_attempt_at = now() where status = 'pending'`;
        await makeDue();
        const again = await retry();
        assert.equal(again.completed, 1, JSON.stringify(again));
        assert.equal(site.count(url), 0);
        const [held] = await sql`
        select count(*)::int as n from vehicle_images where vehicle_id = ${id}`;
        assert.equal(held?.n, site.truth(url)?.images.length);
      },
    );

    await t.step(
      "images that failed for good get another chance, a limited number of times",
      async () => {
        const [heals, stays] = [nextUrl(), nextUrl()];
        site.setImageFault(host, { kind: "html_as_image" }, 3);
        const [id, lost] = [await imported(heals), await imported(stays)];
        for (const one of [id, lost]) {
          const row = await rowOf(one, "backfill_images");
          assert.deepEqual([row?.status, row?.outcome_code], ["pending", "unreadable"]);
        }
        await makeDue();
        site.clearLog();
        const still = await retry();
        assert.deepEqual([still.waiting, still.completed], [2, 0], JSON.stringify(still));
        assert.match(still.results[0].error, /not an image: an HTML page/);
        assert.equal((await rowOf(id, "backfill_images"))?.retry_count, 1);

        site.setImageFault(host, null);
        const healed = await retry({ vehicle_ids: [id] });
        assert.equal(healed.completed, 1, JSON.stringify(healed));
        const [held] =
          await sql`select count(*)::int as n from vehicle_images where vehicle_id = ${id}`;
        assert.equal(held?.n, site.truth(heals)?.images.length);

        site.setImageFault(host, { kind: "html_as_image" }, 3);
        for (let tries = 0; tries < 2; tries++) await retry({ vehicle_ids: [lost] });
        const row = await rowOf(lost, "backfill_images");
        assert.deepEqual([row?.status, row?.retry_count, row?.outcome_code], [
          "failed",
          3,
          "unreadable",
        ]);
        assert.deepEqual([site.count(heals), site.count(stays)], [0, 0], "no page is asked for");
        const [known] = await sql`
        select origin_metadata from vehicles where id = ${lost}`;
        assert.equal(known?.origin_metadata.image_urls.length, known?.origin_metadata.image_count);
        site.setImageFault(host, null);
      },
    );

    await t.step(
      "a site that goes on failing: three tries in all, then it is left for a person",
      async () => {
        const url = nextUrl();
        const [id = ""] = await insertListings(sql, [url]);
        site.setFault(url, { kind: "server_error", status: 503 });
        await failed(id, "extract_data");
        for (let tries = 1; tries <= 3; tries++) {
          await makeDue();
          const body = await retry();
          assert.equal(
            body.results[0].status,
            tries < 3 ? "pending" : "failed",
            JSON.stringify(body),
          );
        }
        await makeDue();
        assert.equal((await retry()).processed, 0);
        const row = await rowOf(id, "extract_data");
        assert.deepEqual([row?.status, row?.retry_count, row?.outcome_code], [
          "failed",
          3,
          "server_error",
        ]);
        assert.match(row?.error_message, /503/);

        // A person puts it back, after the site was repaired.
        site.clearFaults();
        await sql`select redrive_queue('scrape_retry_queue', ${[row?.id]})`;
        assert.equal((await retry()).completed, 1);
      },
    );

    await t.step("a wall costs no try; a listing that was removed ends its row", async () => {
      const [walled, gone] = [nextUrl(), nextUrl()];
      const ids = await insertListings(sql, [walled, gone]);
      site.setFault(walled, { kind: "bot_wall", vendor: "perimeterx" });
      site.setFault(gone, { kind: "gone", status: 404 });
      const [at = "", ended = ""] = ids;
      // One after the other: a host that shows a wall is asked more slowly from then on.
      await failed(ended, "extract_vin");
      await retry();
      const row = await rowOf(ended, "extract_vin");
      assert.deepEqual([row?.status, row?.outcome_code], ["failed", "gone"]);
      await failed(at, "extract_vin");
      await retry();
      const wall = await rowOf(at, "extract_vin");
      assert.deepEqual([wall?.status, wall?.retry_count, wall?.outcome_code], [
        "pending",
        0,
        "blocked",
      ]);
      const [vehicle] = await sql`select listing_ended_at from vehicles where id = ${ended}`;
      assert.notEqual(vehicle?.listing_ended_at, null);
      site.clearFaults();
      await sql`delete from scrape_retry_queue where id = ${wall?.id}`;
    });

    await t.step("a step that nobody knows ends its row with a clear word", async () => {
      const id = await imported(nextUrl());
      await failed(id, "wash_car", "constructor");
      const body = await retry();
      assert.equal(body.failed, 2);
      const row = await rowOf(id, "wash_car");
      assert.deepEqual([row?.status, row?.outcome_code], ["failed", "invalid"]);
      assert.match(row?.error_message, /no step is called "wash_car": known are extract_data, /);
      const [homeless] = await sql`insert into vehicles (make) values ('Saab') returning id`;
      await failed(homeless?.id, "extract_vin");
      await retry();
      const none = await rowOf(homeless?.id, "extract_vin");
      assert.match(none?.error_message, /no source URL/);
    });

    await t.step("only the vehicles and steps that are asked for are tried", async () => {
      const [one, two] = [await imported(nextUrl()), await imported(nextUrl())];
      await failed(one, "extract_vin", "extract_comments");
      await failed(two, "extract_vin");
      await sql`update scrape_retry_queue set next_retry_at = now() + interval '1 hour'
        where status = 'pending'`;
      assert.equal((await retry()).processed, 0);
      const steps = await retry({ vehicle_ids: [one], step_names: ["extract_vin"] });
      assert.deepEqual(
        steps.results.map((r: { vehicle_id: string; step_name: string }) => [
          r.vehicle_id,
          r.step_name,
        ]),
        [[one, "extract_vin"]],
      );
      const left = await rowOf(one, "extract_comments");
      assert.deepEqual([left?.status, left?.retry_count], ["pending", 0]);
      assert.equal((await rowOf(two, "extract_vin"))?.status, "pending");
      await makeDue();
      assert.equal((await retry({ step_names: ["extract_vin"] })).completed, 1);
      assert.equal((await retry()).completed, 1);
    });

    await t.step("killed in the middle, every step is done all the same", async () => {
      const some = Array.from({ length: 10 }, nextUrl);
      const ids = await insertListings(sql, some);
      // None is read before the kill, however busy this machine is.
      for (const url of some) site.setFault(url, { kind: "slow", ms: 3_000 });
      for (const id of ids) await failed(id, "extract_data");
      site.clearLog();
      const run = post("retry-failed-steps", {});
      await until(
        "a run has leased rows",
        async () =>
          (await sql`select from scrape_retry_queue where status = 'processing'`).length > 0,
      );
      Deno.kill(stack.functionsPid(), "SIGKILL");
      assert.equal((await run).status, 503);
      site.clearFaults();
      await sql`update scrape_retry_queue set lease_expires_at = now() where status = 'processing'`;
      await until(
        "the functions are back",
        async () => (await post("retry-failed-steps", {})).status === 200,
      );
      const rows = await sql`
        select status, retry_count from scrape_retry_queue where vehicle_id = any (${ids})`;
      assert.deepEqual(
        rows.map((row) => [row.status, row.retry_count]),
        ids.map(() => ["completed", 2]),
      );
      for (const url of some) assert.ok(site.count(url) <= 2, url);
    });

    await t.step("a body with mistakes is refused, each named", async () => {
      const { status, body } = await post("retry-failed-steps", {
        vehicle_ids: ["no id"],
        step_names: ["wash_car"],
        max_runtime_ms: 5,
      });
      assert.equal(status, 400);
      assert.deepEqual(
        body.mistakes.map((one: { path: string }) => one.path).sort(),
        ["max_runtime_ms", "step_names.0", "vehicle_ids.0"],
      );
      const unknown = await post("retry-failed-steps", { vehicle_ids: [crypto.randomUUID()] });
      assert.equal(unknown.status, 400);
    });
  } finally {
    await world.close();
  }
});
