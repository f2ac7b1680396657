import assert from "node:assert/strict";
import postgres from "postgres";
import {
  hostDatabase,
  type HostSlots,
} from "../../../supabase/functions/_shared/database/hosts.ts";
import { systemClock } from "../../../supabase/functions/_shared/fetching/run_time.ts";
import { writeReadings } from "../../../supabase/functions/_shared/workers/scrape/write.ts";
import { html } from "../../support/site.ts";
import { knownHost, world } from "./support.ts";

const it = world();
const uuid = () => crypto.randomUUID();
const hosts = () => hostDatabase(it.database);
const want = (host: string, count: number) => ({ host, count, probing: false, known_robots: null });

/** One reservation, straight in the database. */
async function reserve(sql: postgres.ISql, host: string, count: number, horizonMs = 3000) {
  const [row] = await sql<{ slots: HostSlots[] }[]>`
    select public.reserve_host_slots(
      ${uuid()}, ${sql.json([want(host, count)])}, ${horizonMs}
    ) as slots`;
  const slots = row?.slots[0];
  if (slots === undefined) throw new Error("no answer");
  return slots;
}

Deno.test("eight sessions that reserve at once never get the same slot, nor two closer than the rate", async () => {
  await knownHost(it.sql, "cars.example", 50);
  await it.sql`update public.source_hosts set next_slot_at = now() + interval '1 minute'`;
  const pool = postgres(it.stack.dbUrl, { max: 8, onnotice() {} });
  try {
    // In microseconds: where each grant ends, read while its own transaction still holds the row.
    const ends: bigint[] = [];
    const held = async (sql: postgres.ISql) => {
      const [row] = await sql<{ end: string }[]>`
        select (extract(epoch from next_slot_at) * 1000000)::bigint::text as end
        from public.source_hosts where host = 'cars.example'`;
      return BigInt(row?.end ?? 0);
    };
    const first = await held(it.sql);
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 10; round++) {
        await pool.begin(async (session) => {
          assert.equal((await reserve(session, "cars.example", 3, 600_000)).granted, 3);
          ends.push(await held(session));
        });
      }
    }));
    ends.sort((one, other) => one < other ? -1 : 1);
    const expected = Array.from({ length: 80 }, (_, n) => first + BigInt(n + 1) * 3n * 50_000n);
    assert.deepEqual(ends, expected);
  } finally {
    await pool.end();
  }
});

Deno.test("slots beyond the horizon are not given away, and the answer says when the next one is", async () => {
  await knownHost(it.sql, "cars.example", 1000);
  const first = await reserve(it.sql, "cars.example", 10);
  assert.equal(first.granted, 4);
  assert.equal(first.interval_ms, 1000);
  const untilNext = async () => {
    const [row] = await it.sql<{ ms: number }[]>`
      select (extract(epoch from next_slot_at - clock_timestamp()) * 1000)::float as ms
      from public.source_hosts where host = 'cars.example'`;
    return row?.ms ?? NaN;
  };
  // Time goes by between two statements: the answer lies between what is true before and after it.
  const before = await untilNext();
  const second = await reserve(it.sql, "cars.example", 10);
  const after = await untilNext();
  assert.equal(second.granted, 0);
  assert.ok(before > 3_000 && before <= 4_000, `${before} ms`);
  assert.ok(second.first_in_ms <= Math.ceil(before) && second.first_in_ms >= Math.floor(after));
});

Deno.test("a host without a rate gives as many slots as are asked for", async () => {
  await knownHost(it.sql, "cars.example", 0);
  assert.equal((await reserve(it.sql, "cars.example", 50)).granted, 50);
});

Deno.test("a crawl-delay raises the interval and never lowers it", async () => {
  await knownHost(it.sql, "cars.example", 500);
  await it.sql`update public.source_hosts set crawl_delay_ms = 2000 where host = 'cars.example'`;
  assert.equal((await reserve(it.sql, "cars.example", 1)).interval_ms, 2000);
  await it.sql`update public.source_hosts set crawl_delay_ms = 100 where host = 'cars.example'`;
  assert.equal((await reserve(it.sql, "cars.example", 1)).interval_ms, 500);
});

Deno.test("until robots.txt was read only one slot is given", async () => {
  const given = await reserve(it.sql, "new.example", 20);
  assert.equal(given.granted, 1);
  assert.equal(given.robots_version, null);
});

Deno.test("two workers together keep to the rate of a host", async () => {
  await knownHost(it.sql, "cars.example", 150);
  it.site.answer = () => html("x");
  const workers = [it.worker(), it.worker()];
  const began = performance.now();
  await Promise.all(
    workers.flatMap((worker, w) =>
      [1, 2, 3, 4, 5].map((n) => worker.page(`https://cars.example/${w}/${n}`))
    ),
  );
  await Promise.all(workers.map((worker) => worker.flush()));
  const times = it.site.requests.map((request) => request.at).sort((a, b) => a - b);
  assert.equal(times.length, 10);
  // A request may come after its slot, on a machine that is busy, and never before it.
  for (const [n, time] of times.entries()) {
    assert.ok(time - began >= n * 150 - 5, `${n + 1} requests within ${time - began} ms`);
  }
});

Deno.test("what finds no slot before the deadline is not started, and burns nothing", async () => {
  await knownHost(it.sql, "cars.example", 1000);
  it.site.answer = () => html("x");
  const fetcher = it.worker({ seconds: 4 });
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, n) => fetcher.page(`https://cars.example/${n}`)),
  );
  await fetcher.flush();
  const started = results.filter((one) => one.kind === "page");
  const late = results.filter((one) => one.kind === "not_started");
  assert.equal(started.length + late.length, 10);
  assert.ok(started.length >= 3 && started.length <= 4, `${started.length} were started`);
  assert.ok(
    late.every((one) => one.reason === "host_busy" && one.retryAt > new Date().toISOString()),
  );
  assert.equal(it.site.requests.length, started.length);
  const [rows] = await it.sql`select count(*)::int as n from public.scraping_health`;
  assert.equal(rows?.n, started.length);
});

Deno.test("a run without time starts nothing and asks the database for nothing", async () => {
  const fetcher = it.worker({ seconds: 0 });
  const result = await fetcher.page("https://late.example/1");
  assert.equal(result.kind === "not_started" && result.reason, "deadline");
  const rows = await it.sql`select from public.source_hosts where host = 'late.example'`;
  assert.equal(rows.length, 0);
});

Deno.test("a run that is stopped hands back what waits for its turn", async () => {
  await knownHost(it.sql, "cars.example", 2000);
  it.site.answer = () => html("x");
  const stop = new AbortController();
  const fetcher = it.worker({ signal: stop.signal });
  const pages = [1, 2].map((n) => fetcher.page(`https://cars.example/${n}`));
  await Promise.race(pages);
  stop.abort();
  assert.deepEqual((await Promise.all(pages)).map((one) => one.kind), ["page", "not_started"]);
  await fetcher.flush();
});

Deno.test("many workers that record the same hosts in any order do not lock each other out", async () => {
  const names = ["a.example", "b.example", "c.example", "d.example"];
  for (const name of names) await knownHost(it.sql, name);
  await Promise.all(Array.from({ length: 8 }, async (_, n) => {
    const order = n % 2 === 0 ? names : names.toReversed();
    const answers = order.map((host) => ({
      host,
      outcome: "ok" as const,
      status: null,
      ms: null,
      retry_after_ms: null,
      message: null,
    }));
    for (let round = 0; round < 5; round++) {
      await hosts().record(uuid(), {
        attempts: [],
        answers,
        robots: [],
        released: [],
        snapshots: [],
        seen: [],
      });
      await hosts().prepare(uuid(), {
        hosts: order.map((host) => want(host, 1)),
        horizonMs: 3000,
        urls: [],
        maps: false,
      });
    }
  }));
});

/** Reads twenty pages of one host, so many at once; gives the calls that they cost the database. */
async function callsOfTwenty(atOnce: number, announced: boolean): Promise<string[]> {
  await knownHost(it.sql, "cars.example", 0);
  it.site.answer = ({ url }) => html(url.pathname);
  const real = hostDatabase(it.database);
  const calls: string[] = [];
  // What is gathered for five seconds is written: here no time goes by.
  const now = Date.now();
  const fetcher = it.worker({
    clock: { ...systemClock, now: () => now },
    hosts: {
      prepare: (...all) => (calls.push("prepare"), real.prepare(...all)),
      record: (...all) => (calls.push("record"), real.record(...all)),
    },
  });
  const urls = Array.from({ length: 20 }, (_, n) => `https://cars.example/${n}`);
  if (announced) fetcher.expect(urls);
  for (let n = 0; n < urls.length; n += atOnce) {
    const results = await Promise.all(urls.slice(n, n + atOnce).map((url) => fetcher.page(url)));
    assert.ok(results.every((one) => one.kind === "page"));
  }
  await fetcher.flush();
  const [rows] = await it.sql`select count(*)::int as n from public.page_snapshots`;
  assert.equal(rows?.n, 20);
  return calls;
}

Deno.test("a run of twenty pages costs the database two calls", async () => {
  assert.deepEqual(await callsOfTwenty(20, false), ["prepare", "record"]);
});

Deno.test("so it does when few are in flight, and all were announced", async () => {
  assert.deepEqual(await callsOfTwenty(4, true), ["prepare", "record"]);
});

Deno.test("a host without a rate is asked for slots once, one with a rate for each that it spaces", async () => {
  const real = hostDatabase(it.database);
  it.site.answer = ({ url }) => html(url.pathname);
  const slotsAsked = async (host: string, intervalMs: number) => {
    await knownHost(it.sql, host, intervalMs);
    let asked = 0;
    const fetcher = it.worker({
      hosts: {
        prepare: (worker, wanted) => {
          asked += wanted.hosts.length;
          return real.prepare(worker, wanted);
        },
        record: (...all) => real.record(...all),
      },
    });
    for (const n of [1, 2, 3]) {
      const result = await fetcher.page(`https://${host}/${n}`);
      assert.equal(result.kind, "page");
    }
    await fetcher.flush();
    return asked;
  };
  assert.equal(await slotsAsked("cars.example", 0), 1);
  assert.equal(await slotsAsked("other.example", 50), 3);
});

Deno.test("pages that are announced and never asked for take no more than the horizon's slots", async () => {
  await knownHost(it.sql, "cars.example", 1000);
  it.site.answer = ({ url }) => html(url.pathname);
  const fetcher = it.worker();
  fetcher.expect(Array.from({ length: 50 }, (_, n) => `https://cars.example/${n}`));
  assert.equal((await fetcher.page("https://cars.example/0")).kind, "page");
  await fetcher.flush();
  const [row] = await it.sql`
    select next_slot_at < now() + interval '4.1 seconds' as soon from public.source_hosts
    where host = 'cars.example'`;
  assert.equal(row?.soon, true);
});

Deno.test("fetches that cannot be recorded now keep no reading from being written, and are recorded later", async () => {
  const url = "https://cars.example/listing/1";
  const [vehicle] = await it.sql<{ id: string }[]>`
    insert into vehicles (discovery_url) values (${url}) returning id`;
  if (vehicle === undefined) throw new Error("no vehicle");
  const real = hostDatabase(it.database);
  let away = true;
  const fetcher = it.worker({
    hosts: {
      prepare: (...all) => real.prepare(...all),
      record: (...all) => away ? Promise.reject(new Error("away")) : real.record(...all),
    },
  });
  it.site.answer = ({ url }) => html(url.pathname);
  await knownHost(it.sql, "cars.example", 0);
  assert.equal((await fetcher.page(url)).kind, "page");
  const [result] = await writeReadings({ database: it.database, fetcher, dryRun: false })([
    { vehicle_id: vehicle.id, source_url: url, outcome: "ok" },
  ]);
  assert.equal(result?.outcome, "ok");
  away = false;
  await fetcher.flush();
  const [rows] = await it.sql`select count(*)::int as n from public.page_snapshots`;
  assert.equal(rows?.n, 1);
});
