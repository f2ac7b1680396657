import { strict as assert } from "node:assert";
import { mirrorUrl } from "./mirror.ts";
import { type Site, type SiteOptions, startSite } from "./server.ts";

async function withSite(run: (site: Site) => Promise<void>, options: SiteOptions = {}) {
  const site = await startSite(options);
  try {
    await run(site);
  } finally {
    await site.stop();
  }
}

const get = (site: Site, url: string, headers: Record<string, string> = {}) =>
  fetch(mirrorUrl(site.url, url), { headers, redirect: "manual" });

function listingOf(site: Site, host = "bringatrailer.com", index = 0) {
  const listing = site.catalogue.at(host, index);
  assert.ok(listing);
  return listing;
}

Deno.test("a page carries validators, and who shows them back gets 304", async () => {
  await withSite(async (site) => {
    const { url } = listingOf(site);
    const first = await get(site, url);
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    const held: Record<string, string>[] = [
      { "if-none-match": etag },
      { "if-modified-since": modified },
    ];
    for (const headers of held) {
      const again = await get(site, url, headers);
      assert.equal(again.status, 304);
      await again.body?.cancel();
    }
    assert.equal(site.requests[1]?.ifNoneMatch, etag);
    site.setFault(url, { kind: "page_says", change: "without_vin" });
    const changed = await get(site, url, { "if-none-match": etag });
    assert.equal(changed.status, 200);
    await changed.body?.cancel();
    assert.equal(site.truth(url)?.facts.vin, undefined);
  });
});

Deno.test("requests are logged with their user agent and counted by address and host", async () => {
  await withSite(async (site) => {
    const { url } = listingOf(site);
    for (const suffix of ["", "?utm_source=x"]) {
      await (await get(site, url + suffix, { "user-agent": "demo-bot" })).body?.cancel();
    }
    await (await get(site, "https://nowhere.example/")).body?.cancel();
    assert.equal(site.count(url), 2);
    assert.equal(site.requests[0]?.userAgent, "demo-bot");
    assert.equal(site.stats()["bringatrailer.com"]?.requests, 2);
    assert.deepEqual(site.stats()["nowhere.example"]?.byStatus, { 404: 1 });
  });
});

Deno.test("hosts have their own robots.txt: a forbidden path, a crawl delay, or none", async () => {
  await withSite(async (site) => {
    const robots = async (host: string) => {
      const answer = await get(site, `https://${host}/robots.txt`);
      return [answer.status, await answer.text()] as const;
    };
    assert.match((await robots("slowlane.example"))[1], /Crawl-delay: 1/);
    assert.match((await robots("autos.example"))[1], /Disallow: \/members-only\//);
    assert.equal((await robots("motors.example"))[0], 404);
    assert.match(new URL(listingOf(site, "autos.example", 18).url).pathname, /^\/members-only\//);
  });
});

Deno.test("all images of the catalogue's listings are served, and no others", async () => {
  await withSite(async (site) => {
    for (const host of ["bringatrailer.com", "classics.example", "autos.example"]) {
      for (const image of listingOf(site, host, 1).images) {
        const answer = await get(site, image.url);
        assert.match(answer.headers.get("content-type") ?? "", /^image\//);
        await answer.body?.cancel();
      }
      const missing = await get(
        site,
        (listingOf(site, host, 1).images[0]?.url ?? "").replace("-1-1.", "-1-9."),
      );
      assert.equal(missing.status, 404);
      await missing.body?.cancel();
    }
  });
});

Deno.test("a photograph under two names has the same bytes", async () => {
  await withSite(async (site) => {
    const twice = [...site.catalogue.all()].find((it) =>
      new Set(it.images.map((image) => image.picture)).size < it.images.length
    );
    assert.ok(twice);
    const [first, last] = [twice.images[0]?.url ?? "", twice.images.at(-1)?.url ?? ""];
    assert.notEqual(first, last);
    const bytes = async (url: string) => new Uint8Array(await (await get(site, url)).arrayBuffer());
    assert.deepEqual(await bytes(first), await bytes(last));
    assert.equal(site.truth(twice.url)?.images.includes(last), false);
  });
});

Deno.test("two thousand heavy auctions are served without being held", async () => {
  await withSite(async (site) => {
    const { url } = listingOf(site, "bringatrailer.com", 1999);
    const answer = await get(site, url);
    assert.ok((await answer.text()).length > 400_000);
    assert.equal(site.catalogue.at("bringatrailer.com", 2000), null);
    assert.equal(site.catalogue.at("classics.example", 0), null);
  }, { counts: { "bringatrailer.com": 2000 }, heavy: true });
});

Deno.test("the mirror's first page lists what it serves", async () => {
  await withSite(async (site) => {
    const page = await (await fetch(site.url)).text();
    assert.ok(page.includes(`/https/bringatrailer.com${new URL(listingOf(site).url).pathname}`));
  });
});
