import assert from "node:assert/strict";
import { FILL_SITES, slotOf, SLOTS, standing } from "./plan.ts";

Deno.test("forty sites have sixty thousand listings by the end of the day", () => {
  assert.equal(FILL_SITES.length, 40);
  assert.equal(new Set(FILL_SITES.map(({ host }) => host)).size, 40);
  const all = FILL_SITES.reduce((sum, site) => sum + standing(site, SLOTS - 1), 0);
  assert.equal(all, 60_000);
});

Deno.test("enough comes with every slot, and what stood there before stays", () => {
  for (let slot = 0; slot < SLOTS; slot++) {
    const good = FILL_SITES.filter(({ behaviour }) => ["good", "related"].includes(behaviour));
    const came = good.reduce(
      (sum, site) => sum + standing(site, slot) - standing(site, slot - 1),
      0,
    );
    assert.ok(came >= 2_000, `${came} in slot ${slot}`);
  }
  for (const site of FILL_SITES) {
    assert.equal(slotOf(site, site.stock - 1), -1);
    assert.equal(slotOf(site, site.stock), 0);
    assert.equal(slotOf(site, standing(site, SLOTS - 1) - 1), SLOTS - 1);
  }
});
