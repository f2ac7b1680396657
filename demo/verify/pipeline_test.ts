import { strict as assert } from "node:assert";
import type { PipelineRun } from "../driver/pipeline.ts";
import { arrivals } from "../fixtures/arrivals.ts";
import { planDemo } from "../fixtures/plan.ts";
import { pipelineText, summarisePipeline } from "../report/pipeline.ts";
import { type Site, startSite } from "../site/server.ts";
import type { HeldVehicle } from "./held.ts";
import { checkFound } from "./pipeline.ts";

async function withSite(use: (site: Site) => void) {
  const site = await startSite();
  try {
    use(site);
  } finally {
    await site.stop();
  }
}

Deno.test("every plan arrives one way, and what is left to be found is named by an index page", async () => {
  await withSite((site) => {
    const plans = planDemo(site.catalogue);
    const { held, found, asked } = arrivals(plans, site);
    assert.equal(held.length + found.length + asked.length, plans.length);
    const named = (["completed", "current", "feed"] as const).flatMap(site.listed);
    assert.ok(found.length > 10);
    for (const { listing, scenario } of found) {
      assert.ok(named.includes(listing.url));
      assert.equal(scenario, null);
    }
    // Some of what is named is known before, so that it is seen to be recognised.
    assert.ok(held.some((plan) => named.includes(plan.listing.url)));
    const again = site.catalogue.extras().flatMap((it) => it.relistingOf ?? []);
    assert.deepEqual(asked.map((plan) => plan.listing.url).sort(), again.sort());
    assert.ok(asked.every((plan) => plan.scenario === null));
  });
});

const run: PipelineRun = {
  feeds: [{
    url: "https://bringatrailer.com/feed/",
    outcome: "ok",
    error: null,
    found: 4,
    queued: 3,
    known: 1,
    skipped: 2,
  }],
  queuedAgain: 0,
  asked: new Map([["https://bringatrailer.com/listing/a-1/", "v1"]]),
  queue: [
    { url: "https://x/1/", title: "One", status: "complete", outcome: "ok", vehicle: "v1" },
    { url: "https://x/2/", title: "Two", status: "complete", outcome: "ok", vehicle: "v2" },
    {
      url: "https://x/3/",
      title: "A Toy",
      status: "failed",
      outcome: "not_a_listing",
      vehicle: "",
    },
  ],
};

Deno.test("the summary counts imports, second auctions and what only its page showed to be no vehicle", () => {
  const summary = summarisePipeline(run);
  assert.deepEqual([summary.asked, summary.imported, summary.relistings], [1, 2, 1]);
  assert.deepEqual(summary.no_vehicles, ["A Toy"]);
  const text = pipelineText(summary);
  assert.match(text, /bringatrailer\.com\/feed\/ +6 +3 +1 +2\n/);
  assert.match(text, /by their page: A Toy\./);
});

Deno.test("a non-vehicle that became a vehicle, a car that did not, and a second queueing are problems", async () => {
  await withSite((site) => {
    const nonVehicle = site.catalogue.extras().find((it) => it.nonVehicle)?.url ?? "";
    const car = site.catalogue.at("bringatrailer.com", 0)?.url ?? "";
    const vehicle = { id: "v", columns: { listing_url: nonVehicle } } as unknown as HeldVehicle;
    const { problems } = checkFound(
      { ...run, queuedAgain: 2, queue: [] },
      site,
      [nonVehicle, car],
      new Map([["v", vehicle]]),
    );
    assert.match(problems.join("\n"), /became a vehicle: /);
    assert.match(problems.join("\n"), /was named and is no vehicle/);
    assert.match(problems.join("\n"), /2 listings were queued a second time/);
    assert.equal(problems.length, 3);
    const other = { id: "v", columns: { listing_url: car } } as unknown as HeldVehicle;
    const good = checkFound(
      { ...run, queue: [] },
      site,
      [nonVehicle, car],
      new Map([["v", other]]),
    );
    assert.deepEqual(good.problems, []);
  });
});
