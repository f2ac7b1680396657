import assert from "node:assert/strict";
import { play } from "./freshness_run.ts";
import { uniform } from "./freshness_scheduler.ts";
import {
  chance,
  simulatedListings,
  type SimulatedSite,
  simulatedSites,
} from "./freshness_world.ts";

const site: SimulatedSite = {
  host: "a.example",
  kind: "dealer",
  names: "all",
  prices: true,
  share: 1,
  haste: 1,
  perHour: 100,
};
const change = (at: number, what: "price" | "end" | "back") => ({ at, what });

Deno.test("a change is known in time when a look comes within 48 hours, and not after", async () => {
  const listings = [
    { site: 0, bornAt: -1, changes: [change(5, "price"), change(300, "end")] },
    { site: 0, bornAt: -1, changes: [change(5, "price")] },
  ];
  const often = await play([site], listings, 20, uniform(24));
  assert.deepEqual([often.status, often.price], [{ all: 1, inTime: 1 }, { all: 2, inTime: 2 }]);
  const seldom = await play([site], listings, 20, uniform(200));
  assert.ok(seldom.price.inTime + seldom.status.inTime < 3);
  assert.ok(seldom.requests < often.requests && seldom.timeRight < often.timeRight);
});

Deno.test("a price that the next one overtakes before anybody looks was never known", async () => {
  const listings = [{ site: 0, bornAt: -1, changes: [change(50, "price"), change(51, "price")] }];
  const { price } = await play([site], listings, 20, uniform(24));
  assert.deepEqual(price, { all: 2, inTime: 1 });
});

Deno.test("an index page is a look without a request; what comes back is found by it", async () => {
  const listings = [{ site: 0, bornAt: -1, changes: [change(100, "end"), change(200, "back")] }];
  const withIndex = await play([site], listings, 30, uniform(24, true));
  const without = await play([site], listings, 30, uniform(24));
  assert.deepEqual(withIndex.status, { all: 2, inTime: 2 });
  assert.ok(withIndex.indexLooks > 0 && without.indexLooks === 0);
  assert.ok(withIndex.requests < without.requests / 3);
});

Deno.test("a host is never asked more often than its pace allows", async () => {
  const listings = Array.from({ length: 500 }, () => ({ site: 0, bornAt: -1, changes: [] }));
  const { busiest, requests } = await play([{ ...site, perHour: 3 }], listings, 10, uniform(24));
  assert.equal(busiest, 1);
  assert.ok(requests <= 3 * 240);
});

Deno.test("the same seed makes the same world: ten times as much happens on one site as on another", () => {
  const sites = simulatedSites();
  const world = simulatedListings(sites, 300, 30, 5);
  assert.deepEqual(world, simulatedListings(sites, 300, 30, 5));
  const haste = sites.map((one) => one.haste);
  assert.equal(Math.round(Math.max(...haste) / Math.min(...haste)), 10);
  assert.ok(world.every(({ changes }) => changes.every(({ at }) => at >= 0 && at <= 720)));
  assert.notEqual(chance(1)(), chance(2)());
});
