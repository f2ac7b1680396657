import assert from "node:assert/strict";
import { statuses } from "../support/steps.ts";
import { startWorld } from "../support/world.ts";

const HOST = "bringatrailer.com";

Deno.test("import-bat-listing: one step that fails takes nothing from the others", async (t) => {
  const world = await startWorld({
    site: { counts: { [HOST]: 40 }, images: [3, 3] },
  });
  const { site, sql, post } = world;
  const urlOf = (index: number) => site.catalogue.at(HOST, index)?.url ?? "";
  const imageCount = (url: string) => site.truth(url)?.images.length ?? 0;
  try {
    await t.step(
      "a page that fails now waits in the import queue, which makes it a vehicle",
      async () => {
        const url = urlOf(7);
        site.setFault(url, { kind: "server_error" }, { first: 1 });
        const { body } = await post("import-bat-listing", { url });
        assert.deepEqual([body.success, body.outcome, body.vehicle_id, body.queued], [
          false,
          "server_error",
          null,
          true,
        ]);
        assert.deepEqual(statuses(body.steps), { extract_data: "failed" });
        const [step] = await sql`
        select vehicle_id, status, outcome_code from scrape_steps where url = ${url}`;
        assert.deepEqual({ ...step }, {
          vehicle_id: null,
          status: "failed",
          outcome_code: "server_error",
        });
        const queue = await post("process-import-queue", {});
        assert.deepEqual(
          [queue.body.imported, queue.body.created],
          [1, 1],
          JSON.stringify(queue.body),
        );
        const [row] =
          await sql`select status, vehicle_id from import_queue where listing_url = ${url}`;
        assert.equal(row?.status, "complete");
        assert.ok(row?.vehicle_id);
        assert.equal(site.count(url), 2);
        site.clearFaults();
      },
    );

    await t.step("what there is no time for is queued, not lost", async () => {
      site.clearLog();
      const { body } = await post("import-bat-listing", {
        urls: [urlOf(20), urlOf(21)],
        max_runtime_ms: 1_000,
      });
      for (const one of body.results) {
        assert.deepEqual([one.outcome, one.vehicle_id, one.queued], ["not_started", null, true]);
      }
      assert.equal(site.requests.length, 0);
      const queue = await post("process-import-queue", {});
      assert.equal(queue.body.created, 2, JSON.stringify(queue.body));
      const { body: known } = await post("import-bat-listing", { url: urlOf(20) });
      assert.deepEqual([known.success, known.created], [true, false]);
    });

    await t.step("a listing that was removed makes no vehicle and is not queued", async () => {
      const url = urlOf(8);
      site.setFault(url, { kind: "gone", status: 410 });
      const { body } = await post("import-bat-listing", { url });
      assert.deepEqual([body.outcome, body.vehicle_id, body.queued], ["gone", null, false]);
      const [row] =
        await sql`select status, outcome_code from import_queue where listing_url = ${url}`;
      assert.deepEqual({ ...row }, { status: "failed", outcome_code: "gone" });
      site.clearFaults();
    });

    await t.step(
      "when the image host fails, all else is imported and the URLs are kept",
      async () => {
        const url = urlOf(9);
        site.setImageFault(HOST, { kind: "server_error" }, 1);
        const { body } = await post("import-bat-listing", { url });
        assert.equal(body.success, true, JSON.stringify(body));
        const images = body.steps.find((step: { step_name: string }) =>
          step.step_name === "backfill_images"
        );
        assert.equal(images.status, "pending");
        assert.match(images.error_message, /wait for their turn/);
        assert.equal(statuses(body.steps).extract_comments, "success");
        const [vehicle] = await sql`
          select origin_metadata, make from vehicles where id = ${body.vehicle_id}`;
        assert.equal(
          vehicle?.origin_metadata.image_urls.length,
          vehicle?.origin_metadata.image_count,
        );
        assert.ok(vehicle?.origin_metadata.image_count >= 3);
        // The image queue tries them again by itself: the step is not queued a second time.
        const [row] = await sql`
          select count(*)::int as n from scrape_retry_queue where vehicle_id = ${body.vehicle_id}`;
        assert.equal(row?.n, 0);
        site.clearFaults();
        site.setImageFault(HOST, null);
        await sql`update image_downloads set next_attempt_at = now() where status = 'pending'`;
        await post("backfill-images", {});
        const [held] = await sql`
          select count(*)::int as n from vehicle_images where vehicle_id = ${body.vehicle_id}`;
        assert.equal(held?.n, imageCount(url));
      },
    );

    await t.step(
      "HTML as image/jpeg is stored nowhere; the step fails and is queued to be tried again",
      async () => {
        const url = urlOf(10);
        site.setImageFault(HOST, { kind: "html_as_image" }, 3);
        const { body } = await post("import-bat-listing", { url });
        const images = body.steps.find((step: { step_name: string }) =>
          step.step_name === "backfill_images"
        );
        assert.deepEqual([images.status, images.outcome_code], ["failed", "unreadable"]);
        assert.match(images.error_message, /1 of \d images could not be downloaded: not an image/);
        const [row] = await sql`
          select step_name, status from scrape_retry_queue where vehicle_id = ${body.vehicle_id}`;
        assert.deepEqual({ ...row }, { step_name: "backfill_images", status: "pending" });
        const [held] = await sql`
          select
            (select count(*)::int from vehicle_images where vehicle_id = v.id) as stored,
            (origin_metadata ->> 'image_count')::int as known
          from vehicles v where id = ${body.vehicle_id}`;
        assert.ok(held?.stored < held?.known && held?.stored > 0, JSON.stringify(held));
        site.setImageFault(HOST, null);
      },
    );

    await t.step("without images to download the import ends with their URLs", async () => {
      const url = urlOf(11);
      site.clearLog();
      const { body } = await post("import-bat-listing", { url, download_images: false });
      assert.equal(statuses(body.steps).backfill_images, "pending");
      assert.equal(site.requests.length, 1);
      const [row] = await sql`
        select origin_metadata from vehicles where id = ${body.vehicle_id}`;
      assert.ok(row?.origin_metadata.image_count >= 3);
    });

    await t.step("a page without gallery is imported with all that it has", async () => {
      const url = urlOf(12);
      site.setFault(url, { kind: "page_says", change: "without_images" });
      const { body } = await post("import-bat-listing", { url });
      assert.equal(body.success, true);
      assert.deepEqual(
        [statuses(body.steps).extract_images, statuses(body.steps).backfill_images],
        ["skipped", "skipped"],
      );
      const [row] = await sql`select make from vehicles where id = ${body.vehicle_id}`;
      assert.equal(row?.make, site.truth(url)?.facts.make);
      site.clearFaults();
    });

    await t.step(
      "what cannot be written is one step's failure and takes nothing else",
      async () => {
        const url = urlOf(13);
        await sql`alter table auction_comments add constraint broken check (false) not valid`;
        const { body } = await post("import-bat-listing", { url });
        await sql`alter table auction_comments drop constraint broken`;
        assert.deepEqual(
          [body.success, body.created, statuses(body.steps).extract_comments],
          [true, true, "failed"],
          JSON.stringify(body),
        );
        assert.equal(statuses(body.steps).backfill_images, "success");
        const rows = await sql`
        select step_name, status from scrape_retry_queue where vehicle_id = ${body.vehicle_id}`;
        assert.deepEqual(rows.map((row) => ({ ...row })), [{
          step_name: "extract_comments",
          status: "pending",
        }]);
      },
    );
  } finally {
    await world.close();
  }
});
