import assert from "node:assert/strict";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";
import { readAgain } from "./measure.ts";
import { addressOf, pageAfter, pageBefore } from "./pages.ts";
import { REDESIGN_SITES, type RedesignSite, SHOWN } from "./sites.ts";
import { factsOf, STOCK } from "./vehicles.ts";

const extracted = (site: RedesignSite, n: number, body: string) =>
  extract({
    url: addressOf(site, n),
    status: 200,
    contentType: "text/html",
    body,
    fetchedAt: "2026-01-01T00:00:00Z",
  });

for (const site of REDESIGN_SITES) {
  Deno.test(`before its ${site.change}, a site states what its pages show; after, it is unreadable`, () => {
    for (let n = 0; n < STOCK; n += 7) {
      const { facts } = extracted(site, n, pageBefore(site, n));
      const read = Object.fromEntries(SHOWN.map((field) => [field, facts[field]?.value ?? null]));
      assert.deepEqual(read, factsOf(site, n));
      assert.equal(extracted(site, n, pageAfter(site, n)).outcome, "unreadable");
    }
  });
}

/** Pages with held facts that a site is learned from. */
for (const learned of [20, 40]) {
  Deno.test(`what six redesigned sites state is read again, learned from ${learned} pages each`, () => {
    const all = REDESIGN_SITES.map((site) => ({ site, ...readAgain(site, learned) }));
    const recall = (some: typeof all) =>
      some.reduce((sum, { right }) => sum + right, 0) /
      some.reduce((sum, { stated }) => sum + stated, 0);
    const bare = all.filter(({ site: { change } }) => change === "labels removed");
    const labelled = all.filter((one) => !bare.includes(one));
    assert.ok(recall(labelled) >= 0.9, `labelled: ${recall(labelled)}`);
    assert.ok(recall(bare) >= 0.5, `without labels: ${recall(bare)}`);
    assert.ok(all.reduce((sum, { right }) => sum + right, 0) >= 3_000);
    assert.deepEqual(all.flatMap(({ sure }) => sure), []);
  });
}
