import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { extract } from "../../../supabase/functions/_shared/sources/registry.ts";
import { compare } from "../../verify/compare.ts";
import { truthOf } from "../../site/truth.ts";
import { fillAnswer } from "./answer.ts";
import { isLie, isNonVehicle, listingOf, numberIn } from "./listing.ts";
import { FILL_SITES, type FillSite, standing } from "./plan.ts";

const dayStart = Date.UTC(2026, 5, 1);

function ask(url: string, slot = 0): Response {
  const { protocol, host, pathname, search } = new URL(url);
  const scheme = protocol === "http:" ? "http" : "https";
  return fillAnswer({ scheme, host, path: pathname, search }, { slot, dayStart });
}

async function read(url: string, slot = 0) {
  const response = ask(url, slot);
  const body = await response.text();
  const page = {
    url,
    finalUrl: url,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body,
    fetchedAt: new Date(dayStart).toISOString(),
  };
  return { extraction: extract(page), size: body.length };
}

const withBehaviour = (behaviour: FillSite["behaviour"]): FillSite => {
  const site = FILL_SITES.find((it) => it.behaviour === behaviour);
  assert.ok(site);
  return site;
};

Deno.test("every site's pages state their own car, and are of the size of a small dealer's", async () => {
  for (const site of FILL_SITES) {
    if (["walled", "forbidden", "lying", "copying_vins"].includes(site.behaviour)) continue;
    for (const n of [3, 244]) {
      const listing = listingOf(site, n);
      const { extraction, size } = await read(listing.url);
      const held = Object.fromEntries(
        Object.entries(extraction.facts).map(([field, fact]) => [field, fact.value]),
      );
      const wrong = compare(held, truthOf(listing)).filter(({ verdict, field }) =>
        // A page without markup has no place where its text and its seller surely stand.
        verdict !== "right" &&
        (site.markup !== "labelled" || !["description", "seller_name"].includes(field))
      );
      assert.deepEqual(wrong, [], `${listing.url}: ${JSON.stringify(extraction).slice(0, 300)}`);
      assert.ok(size > 3_500 && size < 20_000, `${listing.url} has ${size} characters`);
    }
  }
});

Deno.test("a part is no vehicle, and the same cars stand on two sites", async () => {
  const mixed = withBehaviour("mixed");
  const item = [...Array(20).keys()].find((n) => isNonVehicle(mixed, n)) ?? 0;
  assert.deepEqual((await read(listingOf(mixed, item).url)).extraction.facts, {});

  const echo = withBehaviour("duplicating");
  const other = FILL_SITES[echo.copies ?? -1];
  assert.ok(other);
  assert.equal(listingOf(echo, 7).car.vin, listingOf(other, 7).car.vin);
  assert.notEqual(listingOf(echo, 7).url, listingOf(other, 7).url);
});

Deno.test("the liar tells of its own cars first, then of a few of another's", () => {
  const liar = withBehaviour("lying");
  const other = FILL_SITES[liar.copies ?? -1];
  assert.ok(other);
  assert.deepEqual([isLie(liar, 5), isLie(liar, 52), isLie(liar, 57)], [false, true, true]);
  assert.notEqual(listingOf(liar, 5).car.vin, listingOf(liar, 10).car.vin);
  const [lie, same, truth] = [listingOf(liar, 52), listingOf(liar, 57), listingOf(other, 602)];
  assert.deepEqual([lie.car.vin, same.car.vin], [truth.car.vin, truth.car.vin]);
  assert.notEqual(lie.url, same.url);
});

Deno.test("another liar's cars bear the VINs of another site's, and differ in all that a VIN does not say", () => {
  const liar = withBehaviour("copying_vins");
  const other = FILL_SITES[liar.copies ?? -1];
  assert.ok(other);
  assert.notEqual(listingOf(liar, 5).car.vin, listingOf(other, 5).car.vin);
  const [lie, truth] = [listingOf(liar, 52).car, listingOf(other, 52).car];
  assert.deepEqual([lie.vin, lie.year, lie.model], [truth.vin, truth.year, truth.model]);
  assert.notEqual(lie.paint.name, truth.paint.name);
  assert.notEqual(lie.miles, truth.miles);
});

Deno.test("all VINs of the day are different but for those that are copied", () => {
  const vins = new Set<string | null>();
  let count = 0;
  for (const site of FILL_SITES.filter(({ copies }) => copies === null)) {
    for (let n = 0; n < standing(site, 11); n++, count++) vins.add(listingOf(site, n).car.vin);
  }
  assert.equal(vins.size, count);
});

Deno.test("sites misbehave when and how it is planned", async () => {
  const failing = withBehaviour("failing");
  const url = listingOf(failing, 1).url;
  assert.deepEqual([2, 3, 4, 5].map((slot) => ask(url, slot).status), [200, 503, 503, 200]);

  const walled = withBehaviour("walled");
  assert.equal(ask(`https://${walled.host}/robots.txt`).status, 200);
  assert.equal(ask(listingOf(walled, 1).url).status, 403);

  const changing = withBehaviour("changing");
  const page = async (slot: number) => await ask(listingOf(changing, 1).url, slot).text();
  assert.ok((await page(5)).includes("application/ld+json"));
  assert.ok(!(await page(6)).includes("application/ld+json"));
});

Deno.test("a listing stands nowhere before it comes, then in its site's list", async () => {
  for (const site of FILL_SITES) {
    if (site.behaviour !== "good") continue;
    const n = site.stock + site.perSlot * 3;
    const { url } = listingOf(site, n, 3);
    assert.equal(numberIn(site, new URL(url).pathname), n);
    assert.deepEqual([ask(url, 2).status, ask(url, 3).status], [404, 200]);
    const list = {
      sitemap: "/sitemap.xml",
      sitemap_gzip: "/sitemap.xml.gz",
      sitemap_index: `/sitemap-${Math.floor(n / 500)}.xml.gz`,
      rss: "/feed.xml",
      index: "/",
    }[site.lists];
    const answer = ask(`https://${site.host}${list}`, 3);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const text = new TextDecoder().decode(list.endsWith(".gz") ? gunzipSync(bytes) : bytes);
    assert.ok(text.replaceAll("\\/", "/").includes(new URL(url).pathname), `${site.host}${list}`);
  }
});
