/** A site changes its markup: its pages are read again, and when it changes back the map retires. */
import assert from "node:assert/strict";
import { REDESIGN_SITES, type RedesignSite } from "../../demo/redesign/sites.ts";
import { factsOf } from "../../demo/redesign/vehicles.ts";
import { forget } from "../../demo/driver/forget.ts";
import { drain, type RedesignWorld, startRedesignWorld } from "../support/redesign_world.ts";

const HELD = 40;
const NEW = 10;
const READ = [
  ...["year", "make", "model", "vin", "mileage", "color", "engine", "transmission", "body_style"],
  ...["asking_price", "location", "interior_color"],
] as const;

/** Imports listings by their queue. */
async function importListings(world: RedesignWorld, urls: readonly string[]) {
  await world.sql`insert into import_queue (listing_url) select unnest(${[...urls]}::text[])`;
  await drain(world, "process-import-queue");
}

const idsOf = async ({ sql }: RedesignWorld, urls: readonly string[]): Promise<string[]> =>
  (await sql`select id from vehicles where discovery_url = any (${[
    ...urls,
  ]}) order by discovery_url`)
    .map(({ id }) => id);

/** Looks at vehicles again; gives the outcomes. */
async function lookAgain(world: RedesignWorld, ids: readonly string[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (let from = 0; from < ids.length; from += 20) {
    const answer = await world.post("scrape-vehicle", { vehicle_ids: ids.slice(from, from + 20) });
    outcomes.push(...answer.body.results.map(({ outcome }: { outcome: string }) => outcome));
  }
  return outcomes;
}

/** Values held with 0.8 or more that are not what the page states. */
async function wrongValues(world: RedesignWorld, site: RedesignSite): Promise<string[]> {
  const wrong: string[] = [];
  for (const [n, url] of world.urls.entries()) {
    const [vehicle] = await world.sql`select * from vehicles where discovery_url = ${url}`;
    if (vehicle === undefined) continue;
    for (const [field, stated] of Object.entries(factsOf(site, n))) {
      const held = vehicle[field];
      if (held === null || String(held) === String(stated)) continue;
      if (field === "asking_price" && Number(held) === Number(stated)) continue;
      if (vehicle.field_state[field].confidence < 0.8) continue;
      wrong.push(`${field} "${held}" on ${url}, which states "${stated}"`);
    }
  }
  return wrong;
}

for (const site of REDESIGN_SITES) {
  const { change } = site;
  Deno.test(`a site changes its markup, and is read again: ${change}`, async (t) => {
    const isLabelled = change !== "labels removed";
    const world = await startRedesignWorld(site, HELD + NEW);
    const { sql, urls } = world;
    const [known, fresh] = [urls.slice(0, HELD), urls.slice(HELD)];
    try {
      await importListings(world, known);
      const ids = await idsOf(world, known);
      assert.equal(ids.length, HELD);

      await t.step("after the redesign nothing is read, and a job is made", async () => {
        assert.equal(await count(world, "extraction_map_jobs"), 0);
        world.isRedesigned = true;
        const outcomes = await lookAgain(world, ids);
        assert.deepEqual([...new Set(outcomes)], ["unreadable"]);
        await importListings(world, fresh);
        assert.equal((await idsOf(world, fresh)).length, 0);
        const [made] = await sql`select private.queue_map_jobs() as made`;
        assert.equal(made?.made, 1);
        const [job] = await sql`select source, cause, step, status from extraction_map_jobs`;
        assert.deepEqual({ ...job }, {
          source: site.host,
          cause: "unreadable",
          step: "sample",
          status: "pending",
        });
      });

      // Without labels a page that seems to lack a field teaches caution: there nothing is forgotten.
      const forgotten = isLabelled ? ids.slice(0, 8) : [];
      await t.step("the job learns, and its map serves", async () => {
        for (const field of ["color", "asking_price"]) await forget(sql, forgotten, field);
        const answers = await drain(world, "learn-extraction-maps");
        const steps = answers.flatMap(({ body }) => body.steps);
        assert.deepEqual([...new Set(steps)], ["sample", "index", "learn", "compare"]);
        const [job] = await sql`select status, result from extraction_map_jobs`;
        assert.deepEqual({ ...job }, { status: "completed", result: "1 of 1 maps serve" });
        const [map] = await sql`select * from extraction_maps`;
        assert.equal(map?.status, "serving");
        assert.equal(map?.errors, 0);
        assert.equal(map?.learned_from.length, HELD);
        const sure = ["year", "make", "model", "vin", "asking_price"];
        for (const field of isLabelled ? [...sure, "mileage"] : sure) {
          assert.ok(map?.fields.includes(field), `${field} is not in ${map?.fields}`);
        }
        assert.equal(await count(world, "extraction_map_pages"), 0);
      });

      await t.step("what was lacking is read from snapshots, the site is not asked", async () => {
        world.requests = 0;
        await drain(world, "process-backfill-queue");
        assert.equal(world.requests, 0);
        const rows = await sql`
          select discovery_url, color, asking_price from vehicles where id = any (${forgotten})`;
        const right = rows.filter(({ discovery_url, color, asking_price }) => {
          const stated = factsOf(site, urls.indexOf(discovery_url));
          return color === stated.color && Number(asking_price) === stated.asking_price;
        });
        assert.equal(right.length, forgotten.length);
        const [status] = await sql`select kind, source, state, changed from learning_status`;
        assert.equal(status?.state, "serving");
        assert.match(
          status?.changed,
          /^\d+ vehicles read again from snapshots, \d+ of them changed$/,
        );
      });

      await t.step("listings that came in meanwhile are vehicles now", async () => {
        await drain(world, "process-import-queue");
        assert.equal((await idsOf(world, fresh)).length, NEW);
        let [stated, held] = [0, 0];
        for (const [n, url] of fresh.entries()) {
          const [vehicle] = await sql`select * from vehicles where discovery_url = ${url}`;
          const facts = factsOf(site, HELD + n);
          for (const field of READ) {
            if (facts[field] === null) continue;
            stated++;
            if (vehicle?.[field] !== null) held++;
          }
        }
        assert.ok(held >= (isLabelled ? 0.9 : 0.5) * stated, `${held} of ${stated}`);
        assert.deepEqual(await wrongValues(world, site), []);
      });

      await t.step("it changes back: the adapter reads, and the map retires", async () => {
        world.isRedesigned = false;
        const outcomes = await lookAgain(world, [...ids, ...await idsOf(world, fresh)]);
        assert.deepEqual([...new Set(outcomes)], ["ok"]);
        const [made] = await sql`select private.queue_map_jobs() as made`;
        assert.equal(made?.made, 1);
        await drain(world, "learn-extraction-maps");
        const [map] = await sql`select status, retired_because from extraction_maps`;
        assert.equal(map?.status, "retired");
        assert.match(map?.retired_because, /^the adapter reads \d+ of \d+ pages again$/);
        assert.deepEqual(await wrongValues(world, site), []);
      });
    } finally {
      await world.close();
    }
  });
}

async function count({ sql }: RedesignWorld, table: string): Promise<number> {
  const [row] = await sql`select count(*)::int as count from ${sql(table)}`;
  return row?.count;
}
