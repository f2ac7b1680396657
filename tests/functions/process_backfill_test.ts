import assert from "node:assert/strict";
import { until } from "../support/until.ts";
import { changedTables, everything, insertListings, startWorld } from "../support/world.ts";

const HOST = "classics.example";

Deno.test("process-backfill-queue", async (t) => {
  const world = await startWorld({ site: { counts: { [HOST]: 60 } } });
  const { stack, site, sql, post } = world;
  const urls = Array.from({ length: 60 }, (_, index) => site.catalogue.at(HOST, index)?.url ?? "");
  const queue = (ids: string[], reason = "low_quality_score") =>
    sql`insert into backfill_queue (vehicle_id, reason, source_url)
      select v.id, ${reason}, v.discovery_url from vehicles v where v.id = any (${ids})`;
  try {
    const ids = await insertListings(sql, urls.slice(0, 6));
    const truthOf = (index: number) => site.truth(urls[index] ?? "")?.facts;

    await t.step("syncing only tells the database which scrapers are deployed", async () => {
      await sql`select sync_scrape_sources('[{"slug": "general", "name": "x", "kind": "general",
        "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v0.0.1"}]')`;
      await sql`insert into scraper_versions
        (scraper_name, version, fields_affected, backfill_required)
        values ('general_scraper', 'v0.0.1', '{vin}', false)`;
      const answer = await post("process-backfill-queue", { sync_only: true });
      assert.equal(answer.status, 200);
      const [row] = await sql`
        select count(*)::int as count from scrape_sources where scraper_name = 'general_scraper'`;
      assert.equal(row?.count, 1);
    });

    await t.step("a scraper deployed newer than it is registered is named in the log", async () => {
      const named = /general_scraper is deployed as v[1-9]\S* and registered as v0\.0\.1/;
      await until(
        "it is named",
        async () => named.test(await Deno.readTextFile(stack.functionsLog)),
      );
      const [ahead] = await sql`
        select registered_version from scrapers_ahead_of_registry
        where scraper_name = 'general_scraper'`;
      assert.equal(ahead?.registered_version, "v0.0.1");
    });

    await t.step("a dry run shows what would change and writes nothing", async () => {
      await queue(ids.slice(0, 2));
      // A fetch is made: the host's rate and the attempt are written down, and nothing else.
      const before = await everything(sql);
      const answer = await post("process-backfill-queue", { dry_run: true });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body.processed, 2);
      assert.equal(answer.body.results[0].status, null);
      assert.equal(answer.body.fields.vin.added, 2);
      assert.deepEqual(await changedTables(sql, before), [
        "private.host_metrics",
        "public.scraping_health",
        "public.source_hosts",
      ]);
    });

    await t.step("a dry run of vehicles by name needs no queue row", async () => {
      const answer = await post("process-backfill-queue", {
        dry_run: true,
        vehicle_ids: [ids[5] ?? ""],
      });
      assert.equal(answer.body.processed, 1);
      assert.equal(answer.body.results[0].changes.vin.new, truthOf(5)?.vin);
      const [row] = await sql`select count(*)::int as count from backfill_queue`;
      assert.equal(row?.count, 2);
    });

    await t.step("rows are read, applied and settled, with what changed", async () => {
      site.clearLog();
      const answer = await post("process-backfill-queue", {});
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(
        [answer.body.processed, answer.body.completed, answer.body.changed, answer.body.failed],
        [2, 2, 2, 0],
      );
      assert.equal(answer.body.more_due, false);
      const rows = await sql`select * from backfill_queue order by created_at`;
      for (const row of rows) {
        const index = ids.indexOf(row.vehicle_id);
        assert.equal(row.status, "completed");
        assert.equal(row.lease_token, null);
        assert.deepEqual(row.changes_detected.vin, { old: null, new: truthOf(index)?.vin });
        assert.ok(row.fields_updated.includes("vin"));
        assert.notEqual(row.processed_at, null);
        assert.equal(site.count(urls[index] ?? ""), 1);
      }
    });

    await t.step(
      "what a better scraper asks for is read from snapshots, not from the site",
      async () => {
        site.clearLog();
        await sql`update vehicles set vin = null where id = any (${ids.slice(0, 2)})`;
        await sql`update vehicles set field_state = field_state - 'vin' where id = any (${
          ids.slice(0, 2)
        })`;
        site.setFault(urls[0] ?? "", { kind: "gone", status: 404 });
        await queue(ids.slice(0, 2), "scraper_improved");
        const answer = await post("process-backfill-queue", {});
        assert.equal(answer.body.from_snapshots, 2, JSON.stringify(answer.body));
        assert.equal(site.requests.length, 0);
        const rows = await sql`select id, vin from vehicles where id = any (${ids.slice(0, 2)})`;
        for (const row of rows) assert.equal(row.vin, truthOf(ids.indexOf(row.id))?.vin);
      },
    );

    await t.step("without a snapshot the site is asked, also for a better scraper", async () => {
      await queue([ids[2] ?? ""], "scraper_improved");
      const answer = await post("process-backfill-queue", {});
      assert.equal(answer.body.results[0].from, "site");
      assert.equal(site.count(urls[2] ?? ""), 1);
    });

    await t.step("a snapshot that is no listing does not hide the one before", async () => {
      const url = urls[2] ?? "";
      site.setFault(url, { kind: "shell" });
      await post("scrape-vehicle", { vehicle_id: ids[2] });
      const [kept] = await sql`
        select count(*)::int as count from page_snapshots
        where canonical_url = canonical_listing_url(${url})`;
      assert.equal(kept?.count, 2);
      site.clearLog();
      await sql`update vehicles set engine = null, field_state = field_state - 'engine'
        where id = ${ids[2] ?? ""}`;
      await sql`update vehicles set field_state = field_state - 'engine' where id = ${
        ids[2] ?? ""
      }`;
      await queue([ids[2] ?? ""], "scraper_improved");
      const answer = await post("process-backfill-queue", {});
      assert.equal(answer.body.results[0].from, "snapshot");
      assert.equal(answer.body.results[0].changes.engine.new, truthOf(2)?.engine);
      assert.equal(site.requests.length, 0);
      site.clearFaults();
    });

    await t.step(
      "a removed listing, a page without a vehicle: failed, with code and word",
      async () => {
        const url = [urls[3] ?? "", urls[4] ?? ""];
        site.setFault(url[0] ?? "", { kind: "gone", status: 404 });
        site.setFault(url[1] ?? "", { kind: "bot_wall", vendor: "cloudflare" });
        await queue(ids.slice(3, 5));
        const answer = await post("process-backfill-queue", {});
        assert.equal(answer.body.failed, 1);
        assert.equal(answer.body.waiting, 1);
        const rows = await sql`
        select vehicle_id, status, outcome_code, error_message, attempts
        from backfill_queue where vehicle_id = any (${ids.slice(3, 5)})`;
        const gone = rows.find((row) => row.vehicle_id === ids[3]);
        const walled = rows.find((row) => row.vehicle_id === ids[4]);
        assert.deepEqual([gone?.status, gone?.outcome_code], ["failed", "gone"]);
        assert.match(gone?.error_message, /404/);
        assert.deepEqual([walled?.status, walled?.outcome_code, walled?.attempts], [
          "pending",
          "blocked",
          0,
        ]);
        site.clearFaults();
      },
    );

    await t.step("a vehicle without a listing is refused by name", async () => {
      const [row] = await sql`insert into vehicles (make) values ('Saab') returning id`;
      const answer = await post("process-backfill-queue", { vehicle_ids: [row?.id] });
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(answer.body.mistakes), /no source URL/);
      await sql`insert into backfill_queue (vehicle_id, reason) values (${row?.id}, 'manual')`;
      const queued = await post("process-backfill-queue", {});
      assert.equal(queued.body.failed, 1);
      assert.match(queued.body.results[0].error, /no source URL/);
    });

    await t.step("a run stops before its time is up and hands back the rest", async () => {
      const late = await insertListings(sql, urls.slice(10, 30));
      for (const url of urls.slice(10, 30)) site.setFault(url, { kind: "slow", ms: 1500 });
      await queue(late);
      const answer = await post("process-backfill-queue", { max_runtime_ms: 6000 });
      assert.ok(answer.body.runtime_ms < 6500, `${answer.body.runtime_ms} ms`);
      assert.ok(answer.body.released.length > 0, JSON.stringify(answer.body).slice(0, 3000));
      assert.equal(answer.body.processed + answer.body.released.length, 20);
      assert.equal(answer.body.more_due, true);
      const rows = await sql`
        select status, attempts, count(*)::int from backfill_queue
        where vehicle_id = any (${late}) group by 1, 2 order by 1`;
      assert.deepEqual(rows.map((row) => [row.status, row.attempts]), [["completed", 1], [
        "pending",
        0,
      ]]);
      site.clearFaults();
    });

    await t.step("two processors never take the same row", async () => {
      await queue(await insertListings(sql, urls.slice(30, 50)));
      const answers = await Promise.all(
        Array.from({ length: 3 }, () => post("process-backfill-queue", { batch_size: 5 })),
      );
      const taken = answers.flatMap(({ body }) =>
        body.results.map((one: { id: string }) => one.id)
      );
      assert.equal(taken.length, 15);
      assert.equal(new Set(taken).size, taken.length);
    });
  } finally {
    await world.close();
  }
});
