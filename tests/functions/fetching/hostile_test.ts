import assert from "node:assert/strict";
import type { FetcherDeps } from "../../../supabase/functions/_shared/fetching/fetcher.ts";
import { systemClock } from "../../../supabase/functions/_shared/fetching/run_time.ts";
import { type Internet, playInternet } from "../../support/internet.ts";
import { html } from "../../support/site.ts";
import { knownHost, world } from "./support.ts";

const it = world();
const LISTING = "https://cars.example/listing/1";
const outcomes = () =>
  it.sql<{ outcome: string; host: string | null; message: string | null }[]>`
    select outcome, host, message from public.scraping_health order by id`;
const redirect = (location: string) => () =>
  new Response(null, { status: 302, headers: { location } });

async function fetched(url = LISTING, options: Parameters<typeof it.worker>[0] = {}) {
  const fetcher = it.worker(options);
  const result = await fetcher.page(url);
  await fetcher.flush();
  return result;
}
/** As when no mirror is set: names are resolved, and requests go where the real site would be. */
async function real<T>(
  resolver: FetcherDeps["resolver"],
  work: (options: Partial<FetcherDeps>, internet: Internet) => Promise<T>,
): Promise<T> {
  await using internet = playInternet(it.site);
  const env = { SUPABASE_URL: it.stack.url };
  return await work({ env, transport: internet.pool.send, resolver }, internet);
}
async function code(url: string, options: Parameters<typeof it.worker>[0] = {}) {
  const result = await fetched(url, options);
  return result.kind === "failed" ? result.code : result.kind;
}

for (
  const url of [
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost/",
    "https://user:pw@cars.example/",
    "https://cars.example:5432/",
    "not a url",
    "",
    "\ud800",
  ]
) {
  Deno.test(`${JSON.stringify(url)} is invalid, is written down, and nothing is asked`, async () => {
    assert.equal(await code(url), "invalid");
    assert.deepEqual((await outcomes()).map((row) => row.outcome), ["invalid"]);
    assert.equal(it.site.requests.length + it.site.robotsRequests.length, 0);
  });
}

for (
  const url of [
    "https://cars.example/a\0",
    "https://cars.example/\ud800",
    "  https://cars.example/a\n",
  ]
) {
  Deno.test(`${JSON.stringify(url)} is asked as the URL parser reads it`, async () => {
    it.site.answer = () => html("x");
    assert.equal(await code(url), "page");
  });
}

Deno.test("a name that resolves to loopback is invalid, and no host row is made of it", async () => {
  const result = await real(
    () => Promise.resolve(["127.0.0.1"]),
    (options) => fetched("https://rebind.example/", options),
  );
  assert.ok(result.kind === "failed");
  assert.equal(result.code, "invalid");
  assert.match(result.message, /rebind\.example leads to 127\.0\.0\.1/);
  assert.equal(it.site.requests.length + it.site.robotsRequests.length, 0);
  const rows = await it.sql`select from public.source_hosts where host = 'rebind.example'`;
  assert.equal(rows.length, 0);
});

Deno.test("a name that changes its address to a private one while it waits for its turn is not asked", async () => {
  await knownHost(it.sql, "cars.example", 2_500);
  await it.sql`update public.source_hosts set next_slot_at = now() + interval '2.4 seconds'`;
  let asked = 0;
  const resolver = () => Promise.resolve(asked++ === 0 ? ["93.184.216.34"] : ["10.0.0.7"]);
  // Its turn comes later than an address is remembered, by the run's clock, whatever this machine's says.
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    sleep: (ms: number) => Promise.resolve(void (ahead += Math.max(ms, 2_001))),
  };
  assert.equal(await real(resolver, (options) => code(LISTING, { ...options, clock })), "invalid");
  assert.equal(asked, 2);
  assert.equal(it.site.requests.length, 0);
});

Deno.test("a name that does not resolve is a network failure of that page, not of a host", async () => {
  const lost = () => Promise.reject(new Error("getaddrinfo ENOTFOUND"));
  const lostPage = await real(lost, (options) => code("https://lost.example/", options));
  assert.equal(lostPage, "network");
  assert.match((await outcomes())[0]?.message ?? "", /does not resolve/);
});

for (const scheme of ["http", "https"]) {
  Deno.test(`with public addresses the real site is asked, over ${scheme}`, async () => {
    it.site.answer = () => html("real");
    const resolver = () => Promise.resolve(["93.184.216.34", "2606:2800:220:1::1"]);
    const url = `${scheme}://cars.example/listing/1`;
    assert.equal(await real(resolver, (options) => code(url, options)), "page");
    assert.deepEqual(it.site.requests.map((one) => one.url.href), [url]);
  });

  Deno.test(`a name that rebinds to loopback gains nothing, over ${scheme}: robots, page, hop, image`, async () => {
    const url = `${scheme}://cars.example/listing/1`;
    it.site.answer = ({ url: asked }) =>
      asked.pathname === "/listing/1"
        ? redirect(`${scheme}://other.example/listing/2`)()
        : html("real");
    // Public for the one who checks, this machine for whoever asks again.
    const asked = new Map<string, number>();
    const rebinding = (name: string) => {
      const times = (asked.get(name) ?? 0) + 1;
      asked.set(name, times);
      return Promise.resolve([times === 1 ? "93.184.216.34" : "127.0.0.1"]);
    };
    await real(rebinding, async (options, internet) => {
      const fetcher = it.worker(options);
      assert.equal((await fetcher.page(url)).kind, "page");
      const image = await fetcher.bytes(`${scheme}://images.example/a.jpg`);
      assert.equal(image.kind, "bytes");
      await fetcher.flush();
      assert.deepEqual([...new Set(internet.dialed)], ["93.184.216.34"]);
      assert.deepEqual(internet.reachedInside, []);
    });
    assert.deepEqual(Object.fromEntries(asked), {
      "cars.example": 1,
      "other.example": 1,
      "images.example": 1,
    });
    assert.equal(it.site.robotsRequests.length, 3);
  });

  Deno.test(`what was resolved two seconds ago is resolved again, and refused when it has rebound, over ${scheme}`, async () => {
    it.site.answer = () => html("real");
    let now = Date.now();
    const clock = { ...systemClock, now: () => now };
    let [times, refused] = [0, ""];
    const rebinding = () => Promise.resolve([times++ === 0 ? "93.184.216.34" : "127.0.0.1"]);
    await real(rebinding, async (options, internet) => {
      const fetcher = it.worker({ ...options, clock });
      assert.equal((await fetcher.page(`${scheme}://cars.example/1`)).kind, "page");
      now += 2_001;
      const second = await fetcher.page(`${scheme}://cars.example/2`);
      refused = second.kind === "failed" ? second.message : second.kind;
      await fetcher.flush();
      assert.deepEqual([...new Set(internet.dialed)], ["93.184.216.34"]);
    });
    assert.match(refused, /cars\.example leads to 127\.0\.0\.1/);
  });
}

for (
  const target of [
    "http://127.0.0.1:5432/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "//localhost/admin",
    "https://169.254.169.254/",
    "file:///etc/passwd",
    "http://cars.example/listing/1",
  ]
) {
  Deno.test(`a redirect to ${target} is not followed`, async () => {
    it.site.answer = redirect(target);
    const result = await fetched();
    assert.ok(result.kind === "failed");
    assert.equal(result.code, "invalid");
    assert.match(result.message, /redirect/);
    assert.equal(it.site.requests.length, 1);
  });
}

Deno.test("a redirect to a name that resolves inwards is not followed", async () => {
  it.site.answer = redirect("https://inner.example/");
  const resolver = (name: string) =>
    Promise.resolve(name === "inner.example" ? ["192.168.1.1"] : ["93.184.216.34"]);
  assert.equal(await real(resolver, (options) => code(LISTING, options)), "invalid");
  assert.equal(it.site.requests.length, 1);
});

Deno.test("redirects are followed, also to another host, whose robots.txt counts", async () => {
  it.site.answer = ({ url }) =>
    url.host === "cars.example" ? redirect("https://other.example/a")() : html("moved");
  assert.equal(await code(LISTING), "page");
  it.site.reset();
  await it.sql`update public.source_hosts set robots_body = ${"User-agent: *\nDisallow: /a"}
    where host = 'other.example'`;
  it.site.answer = redirect("https://other.example/a");
  assert.equal(await code(LISTING), "robots_disallowed");
  assert.ok(it.site.requests.every((one) => one.url.host === "cars.example"));
});

Deno.test("five redirects are followed, a sixth and a circle are not", async () => {
  it.site.answer = ({ url }) => {
    const n = Number(url.pathname.slice(1));
    return n === 5 ? html("there") : redirect(`/${n + 1}`)();
  };
  assert.equal(await code("https://cars.example/0"), "page");
  it.site.answer = ({ url }) => redirect(`/${Number(url.pathname.slice(1)) + 1}`)();
  assert.equal(await code("https://cars.example/0"), "server_error");
  it.site.answer = ({ url }) => redirect(url.pathname === "/a" ? "/b" : "/a")();
  it.site.requests.length = 0;
  assert.equal(await code("https://cars.example/a"), "server_error");
  assert.equal(it.site.requests.length, 2);
});

Deno.test("a page of 50 MB is left after 8, and nothing of it is kept", async () => {
  let sent = 0;
  it.site.answer = () =>
    new Response(
      new ReadableStream({
        pull(stream) {
          stream.enqueue(new Uint8Array(256 * 1024).fill(97));
          if ((sent += 256 * 1024) >= 50 * 1024 * 1024) stream.close();
        },
      }),
      { headers: { "content-type": "text/html" } },
    );
  assert.equal(await code(LISTING), "too_large");
  assert.ok(sent < 20 * 1024 * 1024, `${sent} bytes were taken`);
  assert.equal((await it.sql`select from public.page_snapshots`).length, 0);
});

Deno.test("what robots.txt disallows is not asked, and says which line", async () => {
  it.site.robots = () => new Response("User-agent: *\nDisallow: /listing/");
  const result = await fetched();
  assert.ok(result.kind === "failed");
  assert.equal(result.code, "robots_disallowed");
  assert.match(result.message, /line 2: Disallow: \/listing\//);
  assert.ok(result.retryAt !== null);
  assert.equal(it.site.requests.length, 0);
  it.site.answer = () => html("allowed");
  assert.equal(await code("https://cars.example/auction/1"), "page");
  assert.equal(it.site.robotsRequests.length, 1, "it is held for a day");
});

Deno.test("robots.txt is read again after a day", async () => {
  it.site.answer = () => html("x");
  await fetched();
  await it
    .sql`update public.source_hosts set robots_fresh_until = now() where robots_fetched_at is not null`;
  await fetched();
  assert.equal(it.site.robotsRequests.length, 2);
});

Deno.test("while robots.txt fails nothing is asked; once it is read, pages are", async () => {
  it.site.robots = () => new Response("oops", { status: 500 });
  it.site.answer = () => html("x");
  const first = await fetched();
  assert.ok(first.kind === "failed");
  assert.equal(first.code, "server_error");
  assert.match(first.message, /robots\.txt cannot be read/);
  assert.ok(Date.parse(first.retryAt ?? "") > Date.now() + 10 * 60_000);
  await fetched();
  assert.equal(it.site.requests.length, 0);
  assert.equal(it.site.robotsRequests.length, 1);
  await it
    .sql`update public.source_hosts set robots_fresh_until = now() where robots_fetched_at is not null`;
  it.site.robots = () => new Response("User-agent: *\nAllow: /");
  assert.equal((await fetched()).kind, "page");
});

Deno.test("a crawl-delay holds for every worker from the robots.txt on that names it", async () => {
  it.site.robots = () => new Response("User-agent: *\nCrawl-delay: 1.2");
  it.site.answer = () => html("x");
  const workers = [it.worker(), it.worker()];
  await Promise.all(workers.flatMap((one, w) => [1, 2].map((n) => one.page(`${LISTING}${w}${n}`))));
  await Promise.all(workers.map((one) => one.flush()));
  const times = it.site.requests.map((one) => one.at);
  assert.equal(times.length, 4);
  // From robots.txt on: the first page may come late, on a machine that is busy, the others not early.
  const whole = (times.at(-1) ?? 0) - (it.site.robotsRequests[0]?.at ?? 0);
  assert.ok(whole > 3 * 1_200 - 5, `four requests within ${whole} ms`);
});

Deno.test("a page whose text cannot be stored as it is, is stored as far as it can", async () => {
  it.site.answer = () =>
    new Response("<p>\0 nul</p>", { headers: { "content-type": "text/html", etag: '"é"' } });
  const result = await fetched();
  assert.equal(result.kind, "page");
  assert.equal((await it.sql`select from public.page_snapshots`).length, 1);
});

Deno.test("a database that fails is an error, not an outcome of the site", async () => {
  await assert.rejects(
    fetched(LISTING, {
      hosts: {
        prepare: () => Promise.reject(new Error("the database is away")),
        record: () => Promise.resolve([]),
      },
    }),
    /the database is away/,
  );
});
