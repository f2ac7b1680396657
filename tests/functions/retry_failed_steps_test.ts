import assert from "node:assert/strict";
import { startRetryWorld } from "../support/retries.ts";
import { everything, insertListings } from "../support/world.ts";

Deno.test("retry-failed-steps: only the step that failed", async (t) => {
  const world = await startRetryWorld();
  const { site, sql, post, nextUrl, imported, failed, rowOf, makeDue, retry } = world;
  try {
    await t.step("a step that failed is queued by itself, and retried with one fetch", async () => {
      const url = nextUrl();
      const [id = ""] = await insertListings(sql, [url]);
      site.setFault(url, { kind: "server_error" }, { first: 1 });
      await post("scrape-vehicle", { vehicle_id: id });
      const row = await rowOf(id, "extract_data");
      assert.deepEqual([row?.status, row?.outcome_code, row?.retry_count], [
        "pending",
        "server_error",
        0,
      ]);
      assert.ok(row?.next_retry_at > new Date(), "it waits");
      assert.equal((await retry()).processed, 0);
      await makeDue();
      site.clearLog();
      const body = await retry();
      assert.deepEqual(
        [body.processed, body.completed, body.results[0].from, body.more_due],
        [1, 1, "site", false],
        JSON.stringify(body),
      );
      assert.equal(site.count(url), 1);
      const after = await rowOf(id, "extract_data");
      assert.deepEqual([after?.status, after?.retry_count, after?.lease_token], [
        "completed",
        1,
        null,
      ]);
      const [vehicle] = await sql`select vin, make, origin_metadata from vehicles where id = ${id}`;
      assert.equal(vehicle?.vin, site.truth(url)?.facts.vin);
      assert.ok(vehicle?.origin_metadata.image_count > 0);
      const steps = await sql`
        select step_name, status, outcome_code from scrape_steps
        where vehicle_id = ${id} and step_name = 'extract_data' order by created_at`;
      assert.deepEqual(steps.map((step) => [step.status, step.outcome_code]), [
        ["failed", "server_error"],
        ["success", "ok"],
      ]);
      site.clearFaults();
    });

    await t.step("a dry run says what would change and changes nothing", async () => {
      const url = nextUrl();
      const id = await imported(url);
      await sql`update vehicles set vin = null where id = ${id}`;
      await sql`update vehicles set field_state = field_state - 'vin' where id = ${id}`;
      await failed(id, "extract_vin", "backfill_images");
      const before = await everything(sql);
      const body = await retry({ dry_run: true });
      assert.deepEqual([body.processed, body.more_due], [2, null], JSON.stringify(body));
      const vin = body.results.find((one: { step_name: string }) =>
        one.step_name === "extract_vin"
      );
      assert.equal(vin.changes.vin.new, site.truth(url)?.facts.vin);
      assert.ok(body.results.every((one: { status: unknown }) => one.status === null));
      assert.deepEqual(await everything(sql), before);
      await retry();
    });

    await t.step(
      "a VIN comes from the snapshot, asks for nothing, changes nothing else",
      async () => {
        const url = nextUrl();
        const id = await imported(url);
        for (const field of ["vin", "color"]) {
          await sql`update vehicles set ${sql(field)} = null where id = ${id}`;
          await sql`update vehicles set field_state = field_state - ${field} where id = ${id}`;
        }
        await failed(id, "extract_vin");
        site.clearLog();
        const body = await retry();
        assert.deepEqual([body.completed, body.from_snapshots], [1, 1], JSON.stringify(body));
        assert.deepEqual(body.results[0].fields_updated, ["vin"]);
        assert.equal(site.requests.length, 0);
        const [vehicle] = await sql`select vin, color from vehicles where id = ${id}`;
        assert.deepEqual({ ...vehicle }, { vin: site.truth(url)?.facts.vin, color: null });
      },
    );

    await t.step("what the snapshot does not state is asked of the site, once", async () => {
      const url = nextUrl();
      site.setFault(url, { kind: "page_says", change: "without_vin" });
      const id = await imported(url);
      site.clearFaults();
      await failed(id, "extract_vin");
      site.clearLog();
      const body = await retry();
      assert.equal(body.results[0].from, "site");
      assert.equal(site.requests.length, 1);
      const [vehicle] = await sql`select vin from vehicles where id = ${id}`;
      assert.equal(vehicle?.vin, site.truth(url)?.facts.vin);
    });

    await t.step(
      "image URLs and comments that could not be written are written from the snapshot",
      async () => {
        for (
          const [table, step] of [
            ["image_downloads", "extract_images"],
            ["auction_comments", "extract_comments"],
          ] as const
        ) {
          const url = nextUrl();
          await sql`alter table ${sql(table)} add constraint broken check (false) not valid`;
          const id = await imported(url, { download_images: false });
          await makeDue();
          site.clearLog();
          const broken = await retry();
          assert.deepEqual(
            [broken.completed, broken.waiting, broken.results[0].outcome],
            [0, 1, "server_error"],
            JSON.stringify(broken),
          );
          assert.match(broken.results[0].error, /broken/);
          const waiting = await rowOf(id, step);
          assert.deepEqual([waiting?.status, waiting?.retry_count], ["pending", 1]);
          await sql`alter table ${sql(table)} drop constraint broken`;
          await makeDue();
          const body = await retry();
          assert.deepEqual([body.completed, body.from_snapshots], [1, 1], JSON.stringify(body));
          assert.equal((await rowOf(id, step))?.status, "completed");
          assert.equal(site.requests.length, 0, step);
          const [held] = await sql`
            select
              (select count(*)::int from image_downloads where vehicle_id = ${id}) as images,
              (select count(*)::int from auction_comments c
                join auction_events e on e.id = c.auction_event_id
                where e.vehicle_id = ${id}) as comments`;
          assert.ok(held?.images >= 3);
          assert.equal(held?.comments, site.truth(url)?.auction?.commentCount);
        }
      },
    );

    await t.step("comments of a live auction come from the site: the snapshot is old", async () => {
      const url = nextUrl();
      site.setFault(url, { kind: "page_says", change: "still_live" });
      const id = await imported(url);
      await failed(id, "extract_comments");
      site.clearLog();
      const body = await retry();
      assert.equal(body.results[0].from, "site", JSON.stringify(body));
      assert.equal(site.count(url), 1);
      site.clearFaults();
    });

    await t.step("several steps of one vehicle share one fetch", async () => {
      const url = nextUrl();
      site.setFault(url, { kind: "page_says", change: "without_description" });
      const [id = ""] = await insertListings(sql, [url]);
      await failed(
        id,
        "extract_data",
        "extract_vin",
        "extract_images",
        "extract_comments",
        "generate_description",
      );
      site.clearLog();
      const body = await retry();
      assert.deepEqual(
        [body.processed, body.failed, body.waiting],
        [5, 0, 0],
        JSON.stringify(body),
      );
      assert.equal(body.completed, 5);
      assert.equal(site.count(url), 1);
      const rows = await sql`select status from scrape_retry_queue where vehicle_id = ${id}`;
      assert.deepEqual(rows.map((row) => row.status), Array(5).fill("completed"));
      site.clearFaults();
    });

    await t.step("a description is made by the action that makes descriptions", async () => {
      const url = nextUrl();
      site.setFault(url, { kind: "page_says", change: "without_description" });
      const id = await imported(url);
      await failed(id, "generate_description");
      const body = await retry();
      assert.deepEqual([body.completed, body.results[0].fields_updated], [1, ["description"]]);
      const [vehicle] = await sql`
        select description, description_source from vehicles where id = ${id}`;
      assert.match(vehicle?.description_source, /^generated/);
      assert.ok(vehicle?.description.length > 20);
      const [step] = await sql`
        select count(*)::int as n from scrape_steps
        where vehicle_id = ${id} and step_name = 'generate_description'`;
      assert.equal(step?.n, 1);
      site.clearFaults();
    });
  } finally {
    await world.close();
  }
});
