/** The same cars, read by two workers and put together, taken apart, edited and deleted by a person at once. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Chance, chanceOf } from "../../bench/population_chance.ts";
import { sql as connect, withStack } from "../support/stack.ts";

const SECONDS = 6;
/** On a machine that has other work it takes longer until each of these was done. */
const MOST_SECONDS = 60;
const MUST_BE_DONE = ["merge", "unmerge", "delete", "forget"];
/** Their check digits are right. */
const VINS = ["WP0AA29829U760958", "1HGCM82633A004352", "1M8GDM9AXKP042788"];
const HOSTS = 4;
/** What a batch answers of one item while others are at its vehicle; its caller comes again. */
const COMES_AGAIN = [
  "ok",
  "vehicle_locked",
  "no_such_vehicle",
  "stale_lease",
  "invalid",
  "forgotten",
];
/** In use, gone, not the turn: what a person is told, with what to do. */
const TOLD = ["55006", "P0002", "55000", "22023"];
const DEADLOCK = "40P01";

/** A reading of one of the cars on one of the sites; each car stands there twice, one after the other. */
function reading(chance: Chance, more: object = {}, url?: string) {
  const car = chance.integer(0, VINS.length - 1);
  const fact = (value: unknown) => ({ value, confidence: 0.95, evidence: "seen" });
  return {
    source_url: url ??
      `https://site-${chance.integer(1, HOSTS)}.example/${car}-${chance.integer(1, 2)}`,
    ...{ outcome: "ok", method: "a_scraper", scraper_version: "v1.0.0", steps: ["extract_data"] },
    page_at: new Date().toISOString(),
    extraction_hash: String(chance.next()),
    facts: {
      ...{ vin: fact(VINS[car]), year: fact(2009), make: fact("Porsche"), model: fact("911") },
      ...{ mileage: fact(20_000 + car), asking_price: fact(chance.integer(1, 90) * 1000) },
      ...{ currency: fact("USD"), sale_status: fact("for_sale") },
    },
    ...more,
  };
}

interface Result {
  outcome: string;
  error?: string | null;
}

/** What happened while all were at it. */
interface Log {
  outcomes: Map<string, number>;
  errors: string[];
  deadlocks: number;
  done: Map<string, number>;
  imported: Set<string>;
  removed: Set<string>;
}

/** As a worker's client does: what was undone because of a deadlock is sent again. */
async function send(log: Log, ask: () => Promise<Result[]>): Promise<Result[]> {
  for (let attempt = 1;; attempt++) {
    try {
      const results = await ask();
      for (const { outcome } of results) {
        log.outcomes.set(outcome, (log.outcomes.get(outcome) ?? 0) + 1);
      }
      log.errors.push(
        ...results.filter(({ outcome }) => !COMES_AGAIN.includes(outcome))
          .map(({ outcome, error }) => `${outcome}: ${error}`),
      );
      return results;
    } catch (error) {
      const { code, message } = error as postgres.PostgresError;
      if (code !== DEADLOCK || attempt === 3) {
        log.errors.push(`${code}: ${message}`);
        return [];
      }
      log.deadlocks++;
    }
  }
}

async function importListings(sql: postgres.Sql, chance: Chance, log: Log): Promise<void> {
  const items = Array.from({ length: chance.integer(1, 8) }, () => reading(chance));
  const results = await send(log, async () => {
    const [row] = await sql<{ r: Result[] }[]>`select import_listings(${
      sql.json(items as postgres.JSONValue)
    }) as r`;
    return row?.r ?? [];
  });
  results.forEach(({ outcome }, n) => {
    if (outcome === "ok") log.imported.add(items[n]?.source_url ?? "");
  });
}

async function scrape(sql: postgres.Sql, chance: Chance, log: Log): Promise<void> {
  // It locks rows in any order, as a person's update may; the claim takes what is due without it, too.
  await sql`update micro_scrape_state set state = 'due', due_at = now() where lease_token is null`
    .catch((error) => assert.equal(error.code, DEADLOCK, error.message));
  const [row] = await sql<
    { work: { vehicle_id: string; source_url: string; lease_token: string }[] }[]
  >`
    select claim_micro_scrape(${chance.integer(1, 6)}) as work`;
  const items = (row?.work ?? []).map((it) => ({
    ...reading(chance, {}, it.source_url),
    vehicle_id: it.vehicle_id,
    facts: {
      asking_price: { value: chance.integer(1, 90) * 1000, confidence: 0.95, evidence: "seen" },
    },
    request: { queue: "micro_scrape_state", lease_token: it.lease_token },
  }));
  if (items.length === 0) return;
  await send(log, async () => {
    const [done] = await sql<{ r: Result[] }[]>`select apply_extractions(${
      sql.json(items as postgres.JSONValue)
    }) as r`;
    return done?.r ?? [];
  });
}

/** A person does one thing to the cars, or is told why not. */
async function act(sql: postgres.Sql, chance: Chance, log: Log): Promise<void> {
  const what =
    ["merge", "merge", "unmerge", "unmerge", "unmerge", "edit", "edit", "delete", "forget", "jobs"][
      chance.integer(0, 9)
    ] ?? "";
  const some = await sql<{ id: string }[]>`select id from vehicles order by random() limit 2`;
  const [one, other] = some.map(({ id }) => id);
  try {
    if (what === "jobs") {
      await sql`select private.join_proven_vehicles(), private.check_shared_vins()`;
    } else if (what === "unmerge") {
      const [merge] = await sql<{ id: string }[]>`
        select merged_vehicle_id as id from vehicle_merges where unmerged_at is null order by random() limit 1`;
      if (merge === undefined) return;
      await sql`select unmerge_vehicle(${merge.id})`;
      // Else what was once taken apart is joined no more.
      await sql`delete from vehicle_merge_candidates where status = 'different_vehicles'`;
    } else if (one === undefined || other === undefined) {
      return;
    } else if (what === "merge") {
      await sql`select merge_vehicles(a.id, b.id)
        from vehicles a join vehicles b on a.vin = b.vin and a.id <> b.id order by random() limit 1`;
    } else if (what === "edit") {
      await sql`update vehicles set color = ${`Red ${
        chance.integer(1, 99)
      }`} where id in (${one}, ${other})`;
    } else {
      await sql.begin(async (tx) => {
        await tx`select from vehicles where id = ${one} for update`;
        const urls = await tx<{ url: string }[]>`
          select canonical_url as url from vehicle_listings where vehicle_id = ${one}`;
        if (what === "delete") await tx`delete from vehicles where id = ${one}`;
        else await tx`select forget_vehicle(${one})`;
        for (const { url } of urls) log.removed.add(url);
      });
    }
    log.done.set(what, (log.done.get(what) ?? 0) + 1);
  } catch (error) {
    const { code, message } = error as postgres.PostgresError;
    if (code === DEADLOCK) log.deadlocks++;
    else if (!TOLD.includes(code)) log.errors.push(`${what}: ${code}: ${message}`);
  }
}

/** Everything that must be true of listings and vehicles, each as the rows of which it is not. */
async function untrue(sql: postgres.Sql): Promise<object[]> {
  return await sql`
    select 'is led elsewhere' as what, l.canonical_url from vehicle_listings l
    where private.vehicle_of_listing(l.listing_url) <> l.vehicle_id
    union all
    select 'stands on no listing of its own', v.listing_url from vehicles v
    where v.discovery_url is not null and not exists (
      select from vehicle_listings l
      where l.vehicle_id = v.id and l.canonical_url = canonical_listing_url(v.listing_url))
    union all
    select 'was found at another''s', v.discovery_url from vehicles v
    where v.discovery_url is not null and not exists (
      select from vehicle_listings l
      where l.vehicle_id = v.id and l.canonical_url = canonical_listing_url(v.discovery_url))
    union all
    select 'came to a row of the queue of another', q.canonical_url
    from import_queue q join vehicle_listings l using (canonical_url)
    where q.vehicle_id <> l.vehicle_id
    union all
    select 'is leased still', vehicle_id::text from micro_scrape_state where lease_token is not null
    union all
    select 'is here, and was merged', m.merged_vehicle_id::text
    from vehicle_merges m join vehicles v on v.id = m.merged_vehicle_id
    where m.unmerged_at is null`;
}

Deno.test("the same cars joined, split, edited and deleted while two workers read them", (t) =>
  withStack({ cron: false }, async (stack) => {
    const sql = connect(stack, { max: 6 });
    try {
      for (const seed of [1, 2, 3]) {
        await t.step(`leave no listing without its vehicle, with seed ${seed}`, async () => {
          await sql`truncate vehicles, vehicle_merges, suspect_vins, remembered_addresses, import_queue cascade`;
          const log: Log = {
            ...{ outcomes: new Map(), errors: [], deadlocks: 0, done: new Map() },
            ...{ imported: new Set(), removed: new Set() },
          };
          const begun = performance.now();
          const goesOn = () => {
            const seconds = (performance.now() - begun) / 1000;
            const enough = (log.outcomes.get("ok") ?? 0) > 20 &&
              MUST_BE_DONE.every((what) => log.done.has(what));
            return seconds < SECONDS || !enough && seconds < MOST_SECONDS;
          };
          const keep = async (n: number, what: typeof act) => {
            const chance = chanceOf(seed * 10 + n);
            while (goesOn()) await what(sql, chance, log);
          };
          await Promise.all([keep(1, importListings), keep(2, scrape), keep(3, act), keep(4, act)]);

          assert.deepEqual(log.errors, []);
          assert.ok((log.outcomes.get("ok") ?? 0) > 20, JSON.stringify([...log.outcomes]));
          for (const what of MUST_BE_DONE) assert.ok(log.done.has(what), what);
          assert.deepEqual([...await untrue(sql)], []);
          const held = await sql<
            { url: string }[]
          >`select canonical_url as url from vehicle_listings`;
          const here = new Set(held.map(({ url }) => url));
          const lost = [...log.imported].filter((url) => !here.has(url) && !log.removed.has(url));
          assert.deepEqual(lost, []);
          console.log(
            `${[...log.outcomes]}; a person: ${[
              ...log.done,
            ]}; ${log.deadlocks} deadlocks, sent again`,
          );
        });
      }
    } finally {
      await sql.end();
    }
  }));
