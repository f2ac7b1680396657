import assert from "node:assert/strict";
import {
  type HostAnswer,
  hostDatabase,
} from "../../../supabase/functions/_shared/database/hosts.ts";
import { html } from "../../support/site.ts";
import { knownHost, world } from "./support.ts";

const it = world();
const HOST = "cars.example";
const uuid = () => crypto.randomUUID();
const listing = (n: number | string) => `https://${HOST}/listing/${n}`;

const host = async () => {
  const [row] = await it.sql`select * from public.source_hosts where host = ${HOST}`;
  if (row === undefined) throw new Error("no such host");
  return row;
};
const answer = (
  outcome: HostAnswer["outcome"],
  retryAfterMs: number | null = null,
): HostAnswer => ({
  host: HOST,
  outcome,
  status: null,
  ms: null,
  retry_after_ms: retryAfterMs,
  message: outcome,
});
const record = (worker: string, ...answers: HostAnswer[]) =>
  hostDatabase(it.database).record(worker, {
    attempts: [],
    answers,
    robots: [],
    released: [],
    snapshots: [],
    seen: [],
  });
const reserve = async (worker: string, probing = false) => {
  const request = { host: HOST, count: 5, probing, known_robots: null };
  const { slots: [slots] } = await hostDatabase(it.database).prepare(worker, {
    hosts: [request],
    horizonMs: 3000,
    urls: [],
    maps: false,
  });
  if (slots === undefined) throw new Error("no answer");
  return slots;
};
/** Time passes: all times of the host move back. */
const later = (interval: string) =>
  it.sql`update public.source_hosts set
    opened_at = opened_at - ${interval}::interval,
    retry_at = retry_at - ${interval}::interval,
    probe_until = probe_until - ${interval}::interval,
    retry_after = retry_after - ${interval}::interval,
    next_slot_at = next_slot_at - ${interval}::interval`;
const failed = async (url: string) => {
  const fetcher = it.worker();
  const result = await fetcher.page(url);
  await fetcher.flush();
  return result;
};

Deno.test("three refusals in a row, from two workers, open the breaker for both", async () => {
  await knownHost(it.sql, HOST);
  it.site.answer = () => new Response("no", { status: 403 });
  const [one, two] = [it.worker(), it.worker()];
  const codes = [];
  for (const [n, worker] of [one, two, it.worker()].entries()) {
    const result = await worker.page(listing(n));
    codes.push(result.kind === "failed" && result.code);
  }
  assert.deepEqual(codes, ["blocked", "blocked", "blocked"]);
  assert.equal((await host()).breaker, "open");

  const asked = it.site.requests.length;
  for (const worker of [it.worker(), it.worker()]) {
    const result = await worker.page(listing("other"));
    assert.ok(result.kind === "not_started");
    assert.equal(result.reason, "breaker_open");
    assert.match(result.message, /3 refusals in a row, the last one blocked/);
    const wait = Date.parse(result.retryAt) - Date.now();
    assert.ok(wait > 290_000 && wait <= 300_500, `retry in ${wait} ms`);
  }
  assert.equal(it.site.requests.length, asked, "an open breaker lets nothing through");
});

Deno.test("a page that is served between refusals starts the count anew", async () => {
  await knownHost(it.sql, HOST);
  const worker = uuid();
  await record(worker, answer("blocked"), answer("blocked"), answer("ok"), answer("blocked"));
  assert.deepEqual([(await host()).breaker, (await host()).consecutive_refusals], ["closed", 1]);
  await record(worker, answer("rate_limited"), answer("gone"));
  assert.equal((await host()).consecutive_refusals, 0);
  await record(worker, answer("rate_limited"), answer("blocked"));
  await record(uuid(), answer("rate_limited"));
  assert.equal((await host()).breaker, "open");
});

Deno.test("errors open it as well, after as many as the host's row says, or never", async () => {
  await knownHost(it.sql, HOST);
  await it.sql`update public.source_hosts set error_threshold = 4`;
  await record(uuid(), answer("timeout"), answer("network"), answer("server_error"));
  assert.equal((await host()).breaker, "closed");
  await record(uuid(), answer("timeout"));
  assert.match((await host()).opened_because, /4 errors in a row, the last one timeout/);
  await it.sql`delete from public.source_hosts`;
  await knownHost(it.sql, HOST);
  await it.sql`update public.source_hosts set error_threshold = null`;
  await record(uuid(), ...Array.from({ length: 50 }, () => answer("timeout")));
  assert.equal((await host()).breaker, "closed");
});

Deno.test("when it is half open, exactly one of eight workers gets a probe, and only one slot", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await later("6 minutes");
  const given = await Promise.all(Array.from({ length: 8 }, () => reserve(uuid())));
  assert.deepEqual(given.map((one) => one.granted).sort(), [0, 0, 0, 0, 0, 0, 0, 1]);
  assert.ok(given.every((one) => one.breaker === "half_open"));
});

Deno.test("through the fetcher: one probe asks, its page closes the breaker, the others were not started", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await later("6 minutes");
  // The probe is under way until all others were turned away.
  const others = Promise.withResolvers<void>();
  it.site.answer = async () => {
    await others.promise;
    return html("welcome back");
  };
  const workers = [it.worker(), it.worker()];
  const pages = workers.flatMap((worker, w) =>
    [1, 2, 3].map((n) => worker.page(listing(`${w}-${n}`)))
  );
  let open = pages.length;
  const results = await Promise.all(pages.map(async (page) => {
    const result = await page;
    if (--open === 1) others.resolve();
    return result;
  }));
  assert.equal(it.site.requests.length, 1);
  const kinds = results.map((one) => one.kind).sort();
  assert.deepEqual(kinds, [...Array(5).fill("not_started"), "page"]);
  assert.deepEqual([(await host()).breaker, (await host()).times_opened], ["closed", 0]);
  const after = await it.worker().page(listing("after"));
  assert.equal(after.kind, "page");
  await Promise.all(workers.map((worker) => worker.flush()));
});

Deno.test("a probe that fails opens it again, for longer each time, at most six hours", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  const open: number[] = [];
  for (let n = 0; n < 9; n++) {
    const row = await host();
    open.push(Math.round((row.retry_at - row.opened_at) / 60_000));
    await later("7 hours");
    const worker = uuid();
    assert.equal((await reserve(worker)).granted, 1);
    await record(worker, answer(n % 2 === 0 ? "server_error" : "blocked"));
    assert.equal((await host()).breaker, "open");
  }
  assert.deepEqual(open, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
});

Deno.test("a probe that is never heard of again expires, and another worker gets it", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await later("6 minutes");
  const lost = uuid();
  assert.equal((await reserve(lost)).granted, 1);
  assert.equal((await reserve(uuid())).granted, 0);
  await later("61 seconds");
  const next = uuid();
  assert.equal((await reserve(next)).granted, 1);
  await record(lost, answer("ok"));
  assert.equal(
    (await host()).breaker,
    "half_open",
    "the late answer of the lost one decides nothing",
  );
  await record(next, answer("ok"));
  assert.equal((await host()).breaker, "closed");
});

Deno.test("a probe that robots.txt keeps from asking is given back for the next worker", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await it.sql`update public.source_hosts set robots_fresh_until = now() where host = ${HOST}`;
  await later("6 minutes");
  it.site.robots = () => new Response("User-agent: *\nDisallow: /listing/");
  const result = await failed(listing(1));
  assert.equal(result.kind === "failed" && result.code, "robots_disallowed");
  assert.equal(it.site.requests.length, 0);
  assert.deepEqual([(await host()).breaker, (await host()).probe_holder], ["open", null]);
  assert.equal((await reserve(uuid())).granted, 1);
});

Deno.test("a redirect is an answer of the host too: it closes the breaker", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await later("6 minutes");
  it.site.answer = () =>
    new Response(null, { status: 302, headers: { location: "http://x.example/" } });
  const result = await failed(listing(1));
  assert.equal(result.kind === "failed" && result.code, "invalid", "https does not lead to http");
  assert.equal((await host()).breaker, "closed");
});

Deno.test("a worker that holds the probe may go on with it, through robots.txt and redirects", async () => {
  await knownHost(it.sql, HOST);
  await it.sql`update public.source_hosts set robots_fresh_until = now() - interval '1 second'
    where host = ${HOST}`;
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  await later("6 minutes");
  it.site.answer = ({ url }) =>
    url.pathname === "/listing/1"
      ? new Response(null, { status: 301, headers: { location: "/moved" } })
      : html("moved");
  const result = await failed(listing(1));
  assert.equal(result.kind, "page");
  assert.equal(it.site.robotsRequests.length, 1);
  assert.deepEqual(it.site.requests.map((one) => one.url.pathname), ["/listing/1", "/moved"]);
  assert.equal((await host()).breaker, "closed");
});

Deno.test("late answers while it is open change neither the state nor how long it lasts", async () => {
  await knownHost(it.sql, HOST);
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  const before = await host();
  await record(uuid(), answer("ok"));
  await record(uuid(), answer("blocked"), answer("blocked"), answer("blocked"));
  const after = await host();
  assert.deepEqual([after.breaker, after.retry_at, after.times_opened], [
    "open",
    before.retry_at,
    1,
  ]);
});

for (
  const [name, value] of [
    ["in seconds", () => "120"],
    ["as a date", () => new Date(Date.now() + 120_000).toUTCString()],
  ] as const
) {
  Deno.test(`Retry-After ${name} is obeyed by every worker, also beyond the first 429`, async () => {
    await knownHost(it.sql, HOST);
    it.site.answer = () =>
      new Response("slow down", { status: 429, headers: { "retry-after": value() } });
    const fetcher = it.worker();
    const first = await fetcher.page(listing(1));
    assert.ok(first.kind === "failed");
    assert.equal(first.code, "rate_limited");
    const wait = Date.parse(first.retryAt ?? "") - Date.now();
    assert.ok(wait > 117_000 && wait <= 121_500, `retry in ${wait} ms`);

    for (const worker of [fetcher, it.worker()]) {
      const next = await worker.page(listing(2));
      assert.equal(next.kind === "not_started" && next.reason, "host_busy");
    }
    assert.equal(it.site.requests.length, 1);
    await later("2 minutes");
    it.site.answer = () => html("fine again");
    assert.equal((await it.worker().page(listing(3))).kind, "page");
  });
}

Deno.test("a 503 with Retry-After pauses the host as well", async () => {
  await knownHost(it.sql, HOST);
  it.site.answer = () => new Response("later", { status: 503, headers: { "retry-after": "30" } });
  const result = await failed(listing(1));
  assert.equal(result.kind === "failed" && result.code, "server_error");
  assert.ok(result.kind === "failed" && Date.parse(result.retryAt ?? "") > Date.now() + 25_000);
  assert.equal((await it.worker().page(listing(2))).kind, "not_started");
});

Deno.test("once a host refused, this run asks it for nothing more, and goes on with others", async () => {
  await knownHost(it.sql, HOST);
  it.site.answer = ({ url }) => url.host === HOST ? new Response("no", { status: 403 }) : html("x");
  const fetcher = it.worker();
  await fetcher.page(listing(1));
  const [same, other] = await Promise.all([
    fetcher.page(listing(2)),
    fetcher.page("https://other.example/1"),
  ]);
  assert.equal(same.kind, "not_started");
  assert.equal(other.kind, "page");
  assert.equal(it.site.requests.filter((one) => one.url.host === HOST).length, 1);
  await fetcher.flush();
});

Deno.test("people see why a host is not asked and until when", async () => {
  await knownHost(it.sql, HOST, 2000);
  it.site.answer = () => html('<div id="px-captcha"></div>', { status: 403 });
  for (const n of [1, 2, 3]) {
    await it.sql`update public.source_hosts set next_slot_at = now()`;
    await failed(listing(n));
  }
  const [row] = await it.sql`select * from public.source_host_status where host = ${HOST}`;
  assert.equal(row?.breaker, "open");
  assert.equal(row?.interval_ms, 2000);
  assert.match(row?.why, /3 refusals in a row/);
  assert.ok(row?.until > new Date());
  assert.match(row?.last_message, /PerimeterX bot wall/);
  assert.deepEqual([row?.attempts_24h, row?.served_24h], ["3", "0"]);
});
