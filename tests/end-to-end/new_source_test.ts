/** A new site without markup is read from cars that another site told of. */
import assert from "node:assert/strict";
import { REDESIGN_SITES } from "../../demo/redesign/sites.ts";
import { factsOf } from "../../demo/redesign/vehicles.ts";
import { drain, startRedesignWorld } from "../support/redesign_world.ts";

const KNOWN = 24;
const NEW = 8;
const HOST = "second.example";
const FIELDS = ["year", "make", "model", "vin", "mileage", "color", "asking_price"] as const;

Deno.test("a new site without markup is read from cars that are known elsewhere", async (t) => {
  const site = REDESIGN_SITES.find(({ change }) => change === "labels reworded");
  assert.ok(site);
  const world = await startRedesignWorld(site, KNOWN + NEW, HOST);
  const { sql, urls } = world;
  const there = urls.map((url) => url.replace(site.host, HOST));
  const importListings = async (listings: readonly string[]) => {
    await sql`insert into import_queue (listing_url) select unnest(${[...listings]}::text[])`;
    await drain(world, "process-import-queue");
  };
  try {
    await importListings(urls.slice(0, KNOWN));
    await sql`insert into scrape_sources
      (slug, name, kind, hosts, scraper_name, scraper_version, found_by, lifecycle)
      values ('second_example', 'Second', 'dealer', ${[HOST]}, 'general_scraper', 'v1.0.0',
        'operator', 'active')`;

    await t.step("its pages cannot be read, and a job is made", async () => {
      await importListings(there);
      const [row] = await sql`select count(*)::int as count from vehicles`;
      assert.equal(row?.count, KNOWN);
      await sql`select private.queue_map_jobs()`;
      const jobs = await sql`select source, cause from extraction_map_jobs`;
      assert.deepEqual(jobs.map((job) => ({ ...job })), [{ source: HOST, cause: "new_source" }]);
    });

    await t.step("it is learned from the cars whose VIN its pages show", async () => {
      await drain(world, "learn-extraction-maps");
      const [map] = await sql`
        select status, errors, cardinality(learned_from) as pages from extraction_maps`;
      // A page whose related cars are known, too, is nobody's for certain.
      assert.equal(
        map?.status,
        "serving",
        (await sql`select result from extraction_map_jobs`)[0]?.result,
      );
      assert.equal(map?.errors, 0);
      assert.ok(map?.pages >= 11, `${map?.pages}`);
    });

    await t.step("its cars are read: the known ones join, the others are new", async () => {
      await drain(world, "process-import-queue");
      const [row] = await sql`select count(*)::int as count from vehicles`;
      assert.equal(row?.count, KNOWN + NEW);
      for (const [n, url] of there.entries()) {
        const [vehicle] = await sql`
          select v.* from vehicle_listings l join vehicles v on v.id = l.vehicle_id
          where l.listing_url = ${url}`;
        const stated = factsOf(site, n);
        for (const field of FIELDS) {
          assert.equal(
            String(Number(vehicle?.[field]) || vehicle?.[field]),
            String(stated[field]),
            `${field} of ${url}`,
          );
        }
      }
    });
  } finally {
    await world.close();
  }
});
