/** A full database of release 0.1.0 gets its listing rows in portions, while its old callers go on. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import type postgres from "postgres";
import { applyMigrations, readMigrations } from "../../local/migrations.ts";
import { connectAs } from "../../local/postgres/sql.ts";
import { readReleases } from "../../local/releases.ts";
import { startTemporaryDatabase } from "../../local/schema/temporary.ts";

const RELEASE = "0.1.0";
const VEHICLES = Number(Deno.env.get("VEHICLES") ?? 3000);
const PORTION = Number(Deno.env.get("PORTION") ?? 400);

/**
 * Of each ten vehicles: three sold at auction, one of them listed anew on another site since, one live, one whose
 * auction ended unsold, three for sale, one whose listing is gone, one with no address.
 */
async function fillRelease(sql: postgres.Sql, count: number): Promise<void> {
  for (let from = 0; from < count; from += 10_000) {
    await sql.begin(async (tx) => {
      await tx`select set_config('vehicles.writer', 'import', true)`;
      await tx`
        insert into vehicles (year, make, model, vin, mileage, seller_name, sale_status, sale_price, asking_price,
          high_bid, currency, discovery_url, listing_ended_at, field_state)
        select 1990 + n % 30, 'Make ' || n % 9, 'Model ' || n % 90, 'WBA' || lpad(n::text, 14, '0'), n, 'Seller ' || n % 70,
          case when n % 10 < 3 then 'sold' when n % 10 = 3 then 'live' when n % 10 = 4 then 'bid_to' else 'for_sale' end,
          case when n % 10 < 3 then 1000 + n end, case when n % 10 > 4 then 2000 + n end,
          case when n % 10 in (3, 4) then 900 + n end, 'USD',
          case
            when n % 10 < 5 then 'https://bringatrailer.com/listing/car-' || n
            when n % 10 < 9 then 'https://dealer-' || n % 5 || '.example/' || n
          end,
          case when n % 10 = 8 then now() - interval '3 days' end,
          '{"vin": {"confidence": 0.9, "method": "import"}, "sale_status": {"confidence": 0.9, "method": "import"}}'
        from generate_series(${from + 1}::int, ${Math.min(count, from + 10_000)}::int) n`;
    });
  }
  await sql`
    insert into auction_events (vehicle_id, source_url, outcome, sale_price, high_bid, currency, starts_at, ends_at)
    select id, canonical_url, sale_status, sale_price, coalesce(sale_price, high_bid), 'USD',
      now() - interval '400 days', case when sale_status = 'live' then now() + interval '2 days' else now() - interval '393 days' end
    from vehicles where canonical_url like '%bringatrailer.com%'`;
  // Sold a year before, elsewhere: a relisting is a second auction of the vehicle.
  await sql`
    insert into auction_events (vehicle_id, source_url, outcome, sale_price, currency, ends_at)
    select id, 'https://carsandbids.com/auctions/' || mileage, 'sold', 500, 'USD', now() - interval '800 days'
    from vehicles where mileage % 10 = 0`;
  // Two listings of one car, and a person said so.
  await sql`
    update vehicles b set vin = a.vin, make = a.make from vehicles a
    where a.mileage % 10 = 6 and a.mileage < 300 and b.mileage = a.mileage + 1`;
  const [merged] = await sql<{ count: number }[]>`
    select count(resolve_merge_candidate(id, 'same_vehicle'))::int as count from vehicle_merge_candidates`;
  assert.equal(merged?.count, 30);
}

/** All that the release held of vehicles: addresses, facts, auctions, and where each address leads. */
async function held(sql: postgres.Sql): Promise<Map<string, string>> {
  const rows = await sql<{ id: string; row: string }[]>`
    select v.id, md5(concat_ws('|', v.discovery_url, v.listing_url, v.bat_auction_url, v.year, v.make, v.vin, v.sale_status,
      v.sale_price, v.asking_price, v.high_bid, v.field_state, v.listing_ended_at, v.origin_metadata,
      (select string_agg(e.source_url || e.outcome, ',' order by e.source_url) from auction_events e where e.vehicle_id = v.id)
    )) as row
    from vehicles v`;
  return new Map(rows.map(({ id, row }) => [id, row]));
}

/** As a function of 0.1.0 sends it. */
function item(url: string, more: object = {}) {
  const fact = (value: unknown) => ({ value, confidence: 0.95, evidence: "seen" });
  return {
    ...{
      source_url: url,
      outcome: "ok",
      method: "m",
      scraper_version: "v1.0.0",
      steps: ["extract_data"],
    },
    ...{
      page_at: new Date().toISOString(),
      extraction_hash: url,
      absent: [],
      images: [],
      retractions: {},
    },
    facts: {
      color: fact("Old Red"),
      asking_price: fact(4321),
      currency: fact("USD"),
      sale_status: fact("for_sale"),
    },
    ...more,
  };
}

Deno.test(`a database of release ${RELEASE} gets its listing rows`, async (t) => {
  const all = readMigrations();
  const last = readReleases().find(({ version }) => version === RELEASE)?.last;
  const then = all.slice(0, all.findIndex(({ path }) => basename(path) === last) + 1);
  const database = await startTemporaryDatabase(then);
  const sql = connectAs("postgres", database.port);
  const portions: number[] = [];
  try {
    await fillRelease(sql, VEHICLES);
    const before = await held(sql);
    await applyMigrations(sql, all);
    assert.deepEqual(await held(sql), before);

    await t.step("in portions, while others import and apply as they did", async () => {
      const read = new Set<string>();
      for (let n = 0;; n++) {
        const begun = performance.now();
        const [row] = await sql<
          { done: number }[]
        >`select private.add_missing_listings(${PORTION}) as done`;
        portions.push(performance.now() - begun);
        if (row?.done === 0) break;
        // One that has its row already and one that has not; a new one; one that is here and imported again.
        const [one, two, three] = await sql<{ id: string; url: string }[]>`
          select id, listing_url as url from vehicles
          where listing_url like '%dealer%' and listing_ended_at is null order by md5(id::text || ${n}) limit 3`;
        assert.ok(one && two && three);
        const applied = [one, two].map(({ id, url }) => item(url, { vehicle_id: id }));
        const imported = [item(`https://new.example/${n}`), item(three.url)];
        const results = await sql<{ outcome: string; error: string | null }[]>`
          select r ->> 'outcome' as outcome, r ->> 'error' as error from (
            select jsonb_array_elements(apply_extractions(${
          sql.json(applied as postgres.JSONValue)
        })) as r
            union all
            select jsonb_array_elements(import_listings(${
          sql.json(imported as postgres.JSONValue)
        }))) s`;
        assert.deepEqual(results.map(({ outcome, error }) => error ?? outcome), [
          "ok",
          "ok",
          "ok",
          "ok",
        ]);
        for (const { id } of [one, two, three]) read.add(id);
      }
      const after = await held(sql);
      const changed = [...before].filter(([id, row]) => after.get(id) !== row).map(([id]) => id);
      assert.deepEqual(changed.filter((id) => !read.has(id)), []);
    });

    await t.step("one for each address and each auction, as it stood", async () => {
      const missing = await sql`
        select v.id, u.url from vehicles v
        cross join lateral (values (v.discovery_url), (v.listing_url), (v.bat_auction_url)) u(url)
        where u.url is not null and not exists (
          select from vehicle_listings l where l.vehicle_id = v.id and l.canonical_url = canonical_listing_url(u.url))
        union all
        select e.vehicle_id, e.source_url from auction_events e
        where not exists (
          select from vehicle_listings l where l.vehicle_id = e.vehicle_id and l.canonical_url = e.source_url)`;
      assert.deepEqual([...missing], []);
      const kinds = await sql`
        select distinct l.source_host like '%dealer%' as is_dealers, l.kind, l.status
        from vehicle_listings l
        where l.source_host <> 'new.example'
        order by 1, 2, 3`;
      assert.deepEqual(kinds.map((row) => Object.values(row).join(" ")), [
        ...["false auction bid_to", "false auction live", "false auction sold"],
        ...["true dealer for_sale", "true dealer removed", "true dealer unknown"],
      ]);
      const [led] = await sql`
        select count(*)::int as elsewhere from vehicle_listings
        where private.vehicle_of_listing(listing_url) <> vehicle_id`;
      assert.equal(led?.elsewhere, 0);
    });

    await t.step("each portion within the 8 seconds of the API", () => {
      console.log(
        `${portions.length} portions of ${PORTION}: at most ${
          Math.round(Math.max(...portions))
        } ms`,
      );
      assert.ok(Math.max(...portions) < 8000);
    });
  } finally {
    await sql.end();
    await database.stop();
  }
});
