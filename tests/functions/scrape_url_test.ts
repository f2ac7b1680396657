import assert from "node:assert/strict";
import { KSL, startKslWorld } from "../support/ksl_world.ts";
import { changedTables, everything } from "../support/world.ts";

Deno.test("scrape-vehicle reads one URL of any source", async (t) => {
  const world = await startKslWorld();
  const { site, sql, post, urls, lacking } = world;
  const url = urls[13] ?? "";
  const vin = site.truth(url)?.facts.vin;
  try {
    await t.step(
      "the extraction comes out, and no vehicle is touched",
      async () => {
        const facts = async () => await sql`select v::text as row from vehicles v order by 1`;
        const before = await facts();
        const { status, body } = await post("scrape-vehicle", { url });
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.success, true);
        assert.equal(body.extraction.scraper.name, "ksl_scraper");
        assert.equal(body.extraction.facts.vin.value, vin);
        assert.equal(body.result, null);
        assert.deepEqual(await facts(), before);
      },
    );

    await t.step(
      "with a vehicle, a dry run shows what it would change",
      async () => {
        const before = await everything(sql);
        const request = { url, vehicle_id: lacking[0], dry_run: true };
        const { body } = await post("scrape-vehicle", request);
        assert.deepEqual(body.result.changes, { vin: { old: null, new: vin } });
        assert.deepEqual(await changedTables(sql, before), [
          "private.host_metrics",
          "public.scraping_health",
          "public.source_hosts",
        ]);
      },
    );

    await t.step("with a vehicle, it is applied", async () => {
      const { body } = await post("scrape-vehicle", {
        url,
        vehicle_id: lacking[0],
      });
      assert.deepEqual(body.result.fields_updated, ["vin"]);
      const [row] = await sql`select vin from vehicles where id = ${lacking[0] ?? ""}`;
      assert.equal(row?.vin, vin);
    });

    await t.step(
      "a page that is gone, an address that is none, a vehicle that is none",
      async () => {
        const gone = await post("scrape-vehicle", {
          url: `https://${KSL}/listing/1`,
        });
        assert.deepEqual([gone.body.success, gone.body.outcome], [
          false,
          "gone",
        ]);
        assert.match(gone.body.error, /404/);
        const bad = await post("scrape-vehicle", {
          url: "file:///etc/passwd",
          speed: 1,
        });
        assert.equal(bad.status, 400);
        assert.match(JSON.stringify(bad.body.mistakes), /url.*speed/);
        const inner = await post("scrape-vehicle", {
          url: "http://169.254.169.254/latest/",
        });
        assert.deepEqual([inner.status, inner.body.outcome], [200, "invalid"]);
        const id = crypto.randomUUID();
        const unknown = await post("scrape-vehicle", { url, vehicle_id: id });
        assert.equal(unknown.status, 400);
        assert.match(JSON.stringify(unknown.body.mistakes), /no such vehicle/);
      },
    );
  } finally {
    await world.close();
  }
});
