/** A site goes on with its markup, but for one field, which is read from where its pages show it. */
import assert from "node:assert/strict";
import { REDESIGN_SITES } from "../../demo/redesign/sites.ts";
import { factsOf } from "../../demo/redesign/vehicles.ts";
import { drain, startRedesignWorld } from "../support/redesign_world.ts";

const KNOWN = 24;
const NEW = 10;
const MILEAGE = /"mileageFromOdometer":\{[^}]*\},?/;

Deno.test("a field that a site no longer marks up is read where its pages show it", async (t) => {
  const site = REDESIGN_SITES.find(({ change }) => change === "rows in another order");
  assert.ok(site);
  const world = await startRedesignWorld(site, KNOWN + NEW);
  const { sql, urls, post } = world;
  const mileages = async () =>
    await sql<{ n: number; held: number | null }[]>`
      select array_position(${urls}, v.discovery_url) - 1 as n, v.mileage as held from vehicles v`;
  /** Vehicles of a cycle so many days ago, and how many of 30 hold the mileage. */
  const cycle = async (days: number, held: number) => {
    const id = `${days} days ago`;
    const slot = new Date(Date.UTC(2026, 0, 30 - days));
    await sql`insert into fill_cycles (cycle_id, slot, target, status, completed_at)
      values (${id}, ${slot}, 2000, 'completed', now())`;
    const fields = Object.fromEntries(
      [["mileage", held], ["vin", 30], ["year", 30]].map((
        [field, held],
      ) => [field, { of: 30, held, unsure: 0 }]),
    );
    await sql`insert into source_health (source_id, cycle_id, last_checked, fields)
      select id, ${id}, now() - make_interval(days => ${days}), ${sql.json(fields)}
      from scrape_sources where slug = 'falling'`;
  };
  try {
    await sql`insert into scrape_sources
      (slug, name, kind, hosts, scraper_name, scraper_version, found_by)
      values ('falling', 'Falling', 'dealer', ${[site.host]}, 'general_scraper', 'v1.0.0',
        'operator')`;
    const importListings = async (listings: readonly string[]) => {
      await sql`insert into import_queue (listing_url) select unnest(${[...listings]}::text[])`;
      await drain(world, "process-import-queue");
    };
    await importListings(urls.slice(0, KNOWN));

    await t.step("the markup drops the mileage: the rest is read, and a job is made", async () => {
      world.drops = MILEAGE;
      await importListings(urls.slice(KNOWN));
      const ids = (await sql`select id from vehicles`).map(({ id }) => id);
      for (const part of [ids.slice(0, 20), ids.slice(20)]) {
        await post("scrape-vehicle", { vehicle_ids: part });
      }
      const held = await mileages();
      assert.equal(held.length, KNOWN + NEW);
      assert.equal(held.filter((one) => one.held === null).length, NEW);
      await cycle(9, 30);
      await cycle(3, 30);
      await cycle(0, 0);
      await sql`select private.queue_coverage_jobs()`;
      const [job] = await sql`select source, cause, fields from extraction_map_jobs`;
      assert.deepEqual({ ...job }, { source: site.host, cause: "coverage", fields: ["mileage"] });
    });

    await t.step("it is learned from the vehicles that held it, and serves", async () => {
      await drain(world, "learn-extraction-maps");
      const [map] = await sql`select status, fields, errors from extraction_maps`;
      assert.equal(
        map?.status,
        "serving",
        (await sql`select result from extraction_map_jobs`)[0]?.result,
      );
      assert.ok(map?.fields.includes("mileage"));
    });

    await t.step(
      "vehicles that lack it get it from snapshots, and nothing else changes",
      async () => {
        const before =
          await sql`select id, to_jsonb(v) - 'mileage' - 'field_state' - 'updated_at' as facts
        from vehicles v order by id`;
        world.requests = 0;
        await drain(world, "process-backfill-queue");
        assert.equal(world.requests, 0);
        for (const { n, held } of await mileages()) assert.equal(held, factsOf(site, n).mileage);
        const after =
          await sql`select id, to_jsonb(v) - 'mileage' - 'field_state' - 'updated_at' as facts
        from vehicles v order by id`;
        assert.deepEqual([...after], [...before]);
      },
    );

    await t.step("the markup has it again: the map retires", async () => {
      world.drops = null;
      const ids = (await sql`select id from vehicles`).map(({ id }) => id);
      await post("scrape-vehicle", { vehicle_ids: ids.slice(0, 20) });
      await sql`select private.queue_map_jobs()`;
      await drain(world, "learn-extraction-maps");
      const [map] = await sql`select status, retired_because from extraction_maps`;
      assert.match(map?.retired_because ?? "", /^the adapter reads 20 of 20 pages again$/);
    });
  } finally {
    await world.close();
  }
});
