import { strict as assert } from "node:assert";
import { attainableScore, planDemo } from "../../../demo/fixtures/plan.ts";
import { SCENARIOS } from "../../../demo/fixtures/scenarios.ts";
import { createCatalogue } from "../../../demo/site/catalogue.ts";
import { DEFAULT_COUNTS } from "../../../demo/site/hosts.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });
const plans = planDemo(catalogue);

Deno.test("every scenario falls on as many listings as it asks for", () => {
  for (const scenario of SCENARIOS) {
    const hit = plans.filter((plan) => plan.scenario === scenario);
    assert.equal(hit.length, scenario.count, scenario.name);
    assert.ok(hit.every((plan) => plan.listing.host === scenario.host));
  }
});

Deno.test("what robots.txt forbids is planned as forbidden, and only that", () => {
  for (const plan of plans) {
    const forbidden = plan.listing.url.includes("/members-only/");
    assert.equal(forbidden, plan.scenario?.name === "forbidden by robots.txt", plan.listing.url);
  }
});

Deno.test("a vehicle that must not become complete says why", () => {
  for (const plan of plans) {
    assert.equal(plan.because === null, plan.ends.includes("complete"), plan.listing.url);
  }
  assert.ok(plans.filter((plan) => plan.because === null).length > 220);
});

Deno.test("each kind of gap occurs, and unsold auctions come with a sale price", () => {
  const gaps = new Set(plans.map((plan) => plan.gap.replace(/, and a sale price.*/, "")));
  assert.equal(gaps.size, 5);
  for (const plan of plans.filter((it) => it.truth.auction?.outcome === "bid_to")) {
    assert.equal(plan.row.sale_price, 99_000);
  }
});

Deno.test("no vehicle is complete before the demo begins", () => {
  for (const { row } of plans) {
    assert.ok(!("vin" in row) || !("description" in row), row.discovery_url);
  }
});

Deno.test("a page with every fact adds up to 100, a missing VIN takes 15, a missing mileage 2.5", () => {
  const truth = plans.find((plan) => plan.because === null && plan.truth.facts.mileage)?.truth;
  assert.ok(truth);
  assert.equal(attainableScore(truth), 100);
  const { vin: _vin, ...noVin } = truth.facts;
  assert.equal(attainableScore({ ...truth, facts: noVin }), 85);
  const { mileage: _mileage, ...bare } = noVin;
  assert.equal(attainableScore({ ...truth, facts: bare }), 82.5);
});
