import assert from "node:assert/strict";
import { html } from "../../support/site.ts";
import { world } from "./support.ts";

const it = world();
const LISTING = "https://cars.example/listing/1";
const WALL = "<script>window._cf_chl_opt={}</script><title>Just a moment...</title>";

const health = () =>
  it.sql<
    {
      outcome: string;
      status: number | null;
      url: string;
      host: string | null;
      ms: number;
      bytes: number;
    }[]
  >`
    select outcome, status, url, host, ms, bytes::int from public.scraping_health order by id`;
const snapshots = () => it.sql`select * from public.page_snapshots order by fetched_at`;

async function failure(options: Parameters<typeof it.worker>[0] = {}, url = LISTING) {
  const fetcher = it.worker(options);
  const result = await fetcher.page(url);
  await fetcher.flush();
  if (result.kind !== "failed") {
    throw new Error(`expected a failure, got ${JSON.stringify(result)}`);
  }
  return result;
}

Deno.test("a page that is served comes back decoded, is kept, and is written down once", async () => {
  it.site.answer = () => html("<h1>1988 Citroën</h1>", { headers: { etag: '"a"' } });
  const fetcher = it.worker();
  const result = await fetcher.page(LISTING);
  await fetcher.flush();

  assert.equal(result.kind, "page");
  if (result.kind !== "page") return;
  assert.equal(result.from, "site");
  assert.equal(result.page.url, LISTING);
  assert.equal(result.page.status, 200);
  assert.equal(result.page.contentType, "text/html");
  assert.match(result.page.body, /Citroën/);
  const [row, ...others] = await health();
  assert.equal(others.length, 0);
  assert.deepEqual([row?.outcome, row?.status, row?.url, row?.host], [
    "ok",
    200,
    LISTING,
    "cars.example",
  ]);
  assert.ok((row?.bytes ?? 0) > 20);
  const [kept] = await snapshots();
  assert.equal(kept?.id, result.snapshotId);
  assert.equal(kept?.canonical_url, LISTING);
  assert.equal(kept?.etag, '"a"');
});

Deno.test("the site sees an honest user agent with a contact, and robots.txt is asked for once", async () => {
  it.site.answer = () => html("x");
  const fetcher = it.worker({
    env: {
      SUPABASE_URL: it.stack.url,
      SOURCE_MIRROR_URL: it.site.mirrorUrl,
      CONTACT_URL: "https://operator.example/contact",
    },
  });
  await Promise.all([1, 2, 3].map((n) => fetcher.page(`https://cars.example/listing/${n}`)));
  await fetcher.flush();
  const agents = [...it.site.requests, ...it.site.robotsRequests].map((r) =>
    r.headers.get("user-agent")
  );
  assert.deepEqual([...new Set(agents)], [
    "VehicleDatabase/1.0 (+https://operator.example/contact)",
  ]);
  assert.equal(it.site.robotsRequests.length, 1);
  assert.equal(it.site.requests.length, 3);
});

Deno.test("an unchanged page is asked for conditionally and comes back from the snapshot", async () => {
  const modified = "Wed, 01 Jan 2025 00:00:00 GMT";
  it.site.answer = ({ headers }) =>
    headers.get("if-none-match") === '"v1"' && headers.get("if-modified-since") === modified
      ? new Response(null, { status: 304 })
      : html("<h1>listing</h1>", { headers: { etag: '"v1"', "last-modified": modified } });
  const first = it.worker();
  const one = await first.page(LISTING);
  await first.flush();
  await it.sql`update public.page_snapshots
    set fetched_at = fetched_at - interval '1 day', last_seen_at = last_seen_at - interval '1 day'`;
  const second = it.worker();
  const two = await second.page(`${LISTING}/?utm_source=mail`.replace("/?", "?"));
  const three = await second.page(LISTING);
  await second.flush();

  assert.ok(one.kind === "page" && two.kind === "page" && three.kind === "page");
  assert.equal(
    two.from,
    "site",
    "another spelling is another address: its validators are not sent",
  );
  assert.equal(three.from, "not_modified");
  assert.equal(three.page.body, one.page.body);
  assert.equal(three.snapshotId, one.snapshotId);
  const rows = await snapshots();
  assert.equal(rows.length, 1, "the same content is one row");
  assert.ok(rows[0]?.last_seen_at > rows[0]?.fetched_at);
  assert.deepEqual((await health()).map((row) => row.outcome), ["ok", "ok", "not_modified"]);
});

Deno.test("a page that changed is a second snapshot, and the newest one is compared next time", async () => {
  let version = 1;
  it.site.answer = ({ headers }) =>
    headers.get("if-none-match") === `"${version}"`
      ? new Response(null, { status: 304 })
      : html(`version ${version}`, { headers: { etag: `"${version}"` } });
  for (
    const [now, from] of [[1, "site"], [2, "site"], [2, "not_modified"], [1, "site"], [
      1,
      "not_modified",
    ]] as const
  ) {
    version = now;
    const fetcher = it.worker();
    const result = await fetcher.page(LISTING);
    await fetcher.flush();
    assert.ok(result.kind === "page");
    assert.equal(result.from, from);
    assert.match(result.page.body, new RegExp(`version ${now}`));
  }
  assert.equal((await snapshots()).length, 2);
});

Deno.test("a snapshot that is lost or damaged is fetched again whole, and kept again", async () => {
  it.site.answer = ({ headers }) =>
    headers.has("if-none-match")
      ? new Response(null, { status: 304 })
      : html("whole", { headers: { etag: '"v"' } });
  const first = it.worker();
  const page = await first.page(LISTING);
  await first.flush();
  const [row] = await snapshots();
  const bucket = it.database.storage.from("page-snapshots");
  for (const damage of ["remove", "overwrite"]) {
    if (damage === "remove") await bucket.remove([row?.storage_path]);
    else await bucket.upload(row?.storage_path, new Uint8Array([1, 2, 3]), { upsert: true });
    const fetcher = it.worker();
    const again = await fetcher.page(LISTING);
    await fetcher.flush();
    assert.ok(again.kind === "page" && page.kind === "page");
    assert.equal(again.from, "site");
    assert.equal(again.page.body, page.page.body);
    const next = it.worker();
    const mended = await next.page(LISTING);
    await next.flush();
    assert.equal(mended.kind === "page" && mended.from, "not_modified");
  }
});

Deno.test("a snapshot that is fresh enough is taken without asking the site", async () => {
  it.site.answer = () => html("x");
  const fetcher = it.worker();
  await fetcher.page(LISTING);
  await fetcher.flush();
  const fresh = await it.worker().page(LISTING, { maxAgeMs: 60_000 });
  assert.equal(fresh.kind === "page" && fresh.from, "snapshot");
  assert.equal(it.site.requests.length, 1);
});

Deno.test("without keepSnapshot nothing but host and health rows is written", async () => {
  it.site.answer = () => html("x", { headers: { etag: '"v"' } });
  const fetcher = it.worker();
  const result = await fetcher.page(LISTING, { keepSnapshot: false });
  await fetcher.flush();
  assert.equal(result.kind === "page" && result.snapshotId, null);
  assert.equal((await snapshots()).length, 0);
  assert.equal((await health()).length, 1);
});

const REFUSED_STATUSES: [number, string][] = [
  [404, "gone"],
  [410, "gone"],
  [401, "blocked"],
  [403, "blocked"],
  [500, "server_error"],
  [503, "server_error"],
  [204, "unreadable"],
];
for (const [status, code] of REFUSED_STATUSES) {
  Deno.test(`HTTP ${status} fails as ${code}, and keeps nothing`, async () => {
    it.site.answer = () => new Response(status === 204 ? null : "no", { status });
    const result = await failure();
    assert.deepEqual([result.code, result.status], [code, status]);
    assert.deepEqual((await health()).map((row) => [row.outcome, row.status]), [[code, status]]);
    assert.equal((await snapshots()).length, 0);
  });
}

for (const status of [200, 403, 503]) {
  Deno.test(`a bot wall served with HTTP ${status} is blocked, and is not kept`, async () => {
    it.site.answer = () => html(WALL, { status });
    const result = await failure();
    assert.equal(result.code, "blocked");
    assert.match(result.message, /Cloudflare bot wall/);
    assert.equal((await snapshots()).length, 0);
  });
}

Deno.test("a removed listing keeps its last good snapshot", async () => {
  it.site.answer = () => html("good");
  const fetcher = it.worker();
  await fetcher.page(LISTING);
  await fetcher.flush();
  it.site.answer = () => new Response("gone", { status: 404 });
  assert.equal((await failure()).code, "gone");
  const kept = await it.worker().page(LISTING, { maxAgeMs: 60_000 });
  assert.match(kept.kind === "page" ? kept.page.body : "", /good/);
});

Deno.test("an empty page is unreadable", async () => {
  it.site.answer = () => new Response("  \n", { headers: { "content-type": "text/html" } });
  assert.equal((await failure()).code, "unreadable");
});

Deno.test("a page in another charset is read in it, also back from the snapshot", async () => {
  const body = new Uint8Array([...new TextEncoder().encode("<p>Citro"), 0xeb, 0x6e]);
  it.site.answer = ({ headers }) =>
    headers.has("if-none-match") ? new Response(null, { status: 304 }) : new Response(body, {
      headers: { "content-type": "text/html; charset=latin1", etag: '"l"' },
    });
  for (const from of ["site", "not_modified"]) {
    const fetcher = it.worker();
    const result = await fetcher.page(LISTING);
    await fetcher.flush();
    assert.ok(result.kind === "page");
    assert.deepEqual([result.from, result.page.body], [from, "<p>Citroën"]);
  }
});

Deno.test("one page asked for twice at once is fetched once", async () => {
  it.site.answer = () => html("x");
  const fetcher = it.worker();
  await Promise.all([fetcher.page(LISTING), fetcher.page(LISTING)]);
  await fetcher.flush();
  assert.equal(it.site.requests.length, 1);
  assert.equal((await health()).length, 1);
});

Deno.test("bytes come back as they are, with their type", async () => {
  const bytes = new Uint8Array([0xff, 0xd8, 0xff, 0, 1, 2]);
  it.site.answer = () => new Response(bytes, { headers: { "content-type": "Image/JPEG" } });
  const fetcher = it.worker();
  const result = await fetcher.bytes("https://images.example/1.jpg", { accept: "image/*" });
  await fetcher.flush();
  assert.ok(result.kind === "bytes");
  assert.deepEqual([result.bytes, result.contentType, result.status], [bytes, "image/jpeg", 200]);
  assert.equal(it.site.requests[0]?.headers.get("accept"), "image/*");
});

Deno.test("bytes beyond their own limit, and a bot wall in their place, are told apart", async () => {
  it.site.answer = () =>
    new Response(new Uint8Array(2_000), { headers: { "content-type": "image/png" } });
  const large = await it.worker().bytes("https://images.example/1.png", { maxBytes: 1_000 });
  assert.equal(large.kind === "failed" && large.code, "too_large");
  it.site.answer = () => html(WALL);
  const wall = await it.worker().bytes("https://other.example/2.png");
  assert.equal(wall.kind === "failed" && wall.code, "blocked");
});

Deno.test("a page of which nothing is kept is asked for only if it changed since a visit", async () => {
  const held = new Set<string | null>();
  it.site.answer = ({ headers }) => {
    held.add(headers.get("if-none-match"));
    return headers.get("if-none-match") === '"v1"'
      ? new Response(null, { status: 304 })
      : html("<h1>All auctions</h1>", { headers: { etag: '"v1"' } });
  };
  const fetcher = it.worker();
  const first = await fetcher.page(LISTING, { keepSnapshot: false });
  assert.equal(first.kind, "page");
  const validators = first.kind === "page" ? first.validators : undefined;
  assert.deepEqual(validators, { final_url: LISTING, etag: '"v1"', last_modified: null });
  const again = await fetcher.page(LISTING, { keepSnapshot: false, ifChanged: validators });
  await fetcher.flush();
  assert.deepEqual([again.kind, again.kind === "failed" && again.code], ["failed", "not_modified"]);
  assert.deepEqual([...held], [null, '"v1"']);
  assert.equal((await snapshots()).length, 0);
  assert.deepEqual((await health()).map((row) => row.outcome), ["ok", "not_modified"]);
});
