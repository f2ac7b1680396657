import { strict as assert } from "node:assert";
import { botWall } from "../../supabase/functions/_shared/extraction/bot_wall.ts";
import type { Fault, When } from "./faults.ts";
import { mirrorUrl } from "./mirror.ts";
import { type Site, startSite } from "./server.ts";

const URL_0 = "https://bringatrailer.com";

/** What so many requests of one auction get while a fault is set. */
async function answers(fault: Fault, when: When, count: number) {
  const site = await startSite({ counts: { "bringatrailer.com": 3 } });
  try {
    const url = site.catalogue.at("bringatrailer.com", 1)?.url ?? URL_0;
    site.setFault(url, fault, when);
    const all = [];
    for (let i = 0; i < count; i++) {
      const answer = await fetch(mirrorUrl(site.url, url), { redirect: "manual" });
      all.push({ status: answer.status, headers: answer.headers, body: await answer.text(), url });
    }
    return all;
  } finally {
    await site.stop();
  }
}
const statuses = async (fault: Fault, when: When, count: number) =>
  (await answers(fault, when, count)).map((it) => it.status);

Deno.test("a fault applies to the first, to every third, or to later requests", async () => {
  const fault: Fault = { kind: "server_error" };
  assert.deepEqual(await statuses(fault, { first: 1 }, 3), [500, 200, 200]);
  assert.deepEqual(await statuses(fault, { every: 3 }, 5), [500, 200, 200, 500, 200]);
  assert.deepEqual(await statuses(fault, { after: 2 }, 4), [200, 200, 500, 500]);
  assert.deepEqual(await statuses(fault, {}, 2), [500, 500]);
});

Deno.test("429 says how long to wait", async () => {
  const [first] = await answers({ kind: "rate_limited", retryAfter: 2 }, {}, 1);
  assert.equal(first?.status, 429);
  assert.equal(first?.headers.get("retry-after"), "2");
});

Deno.test("removed listings answer 404 or 410", async () => {
  assert.deepEqual(await statuses({ kind: "gone", status: 410 }, {}, 1), [410]);
});

Deno.test("bot walls are recognised as such", async () => {
  for (const vendor of ["cloudflare", "perimeterx"] as const) {
    const [wall] = await answers({ kind: "bot_wall", vendor }, {}, 1);
    assert.ok(wall);
    const found = botWall({
      url: wall.url,
      status: wall.status,
      contentType: "text/html",
      body: wall.body,
      fetchedAt: "2026-11-22T00:00:00Z",
    });
    assert.equal(found?.vendor.toLowerCase(), vendor);
  }
});

Deno.test("redirects lead to loopback or round in a circle", async () => {
  const to = "http://127.0.0.1:9/secret";
  const [away] = await answers({ kind: "redirect", to }, {}, 1);
  assert.equal(away?.headers.get("location"), to);
  const [circle] = await answers({ kind: "redirect_loop" }, {}, 1);
  assert.equal(circle?.headers.get("location"), `${circle?.url}?again=1`);
});

Deno.test("bodies are empty, cut short, deeply nested, slow, or enormous", async () => {
  const [whole] = await answers({ kind: "slow", ms: 30 }, {}, 1);
  const [empty] = await answers({ kind: "empty" }, {}, 1);
  const [cut] = await answers({ kind: "truncated", share: 0.5 }, {}, 1);
  const [deep] = await answers({ kind: "nested", depth: 5000 }, {}, 1);
  const before = Date.now();
  const [slow] = await answers({ kind: "slow_body", ms: 200 }, {}, 1);
  assert.ok(Date.now() - before >= 150);
  const [huge] = await answers({ kind: "huge", bytes: 3_000_000 }, {}, 1);
  assert.equal(empty?.body, "");
  assert.equal(cut?.body, whole?.body.slice(0, cut?.body.length));
  assert.ok(cut && whole && cut.body.length < whole.body.length * 0.6);
  assert.equal(deep?.body.split("<div>").length, 5001);
  assert.equal(slow?.body, whole?.body);
  assert.equal(huge?.body.length, 3_000_000);
});

Deno.test("a connection that breaks gives no body", async () => {
  await assert.rejects(answers({ kind: "broken_off", share: 0.5 }, {}, 1));
});

Deno.test("a wrong charset leaves the facts legible", async () => {
  const [page] = await answers({ kind: "wrong_charset" }, {}, 1);
  assert.match(page?.headers.get("content-type") ?? "", /x-no-such-charset/);
  assert.match(page?.body ?? "", /Chassis:/);
  assert.match(page?.body ?? "", /\ufffd/);
});

Deno.test("another car stands at the same address later", async () => {
  const pages = await answers({ kind: "page_says", change: "other_car" }, { after: 1 }, 2);
  const title = (body?: string) => body?.match(/listing-post-title">([^<]+)/)?.[1];
  assert.ok(title(pages[0]?.body));
  assert.notEqual(title(pages[0]?.body), title(pages[1]?.body));
});

Deno.test("a host's fault meets all its addresses until it is cleared", async () => {
  const site: Site = await startSite({ counts: { "bringatrailer.com": 2 } });
  try {
    const url = mirrorUrl(site.url, site.catalogue.at("bringatrailer.com", 0)?.url ?? URL_0);
    site.setHostFault("bringatrailer.com", { kind: "server_error", status: 503 });
    const broken = await fetch(url);
    await broken.body?.cancel();
    site.clearFaults();
    const mended = await fetch(url);
    await mended.body?.cancel();
    assert.deepEqual([broken.status, mended.status], [503, 200]);
  } finally {
    await site.stop();
  }
});

Deno.test("a web page comes under an image's name", async () => {
  const [fake] = await answers({ kind: "html_as_image" }, {}, 1);
  assert.equal(fake?.headers.get("content-type"), "image/jpeg");
  assert.match(fake?.body ?? "", /^<html>/);
});
