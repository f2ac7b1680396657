import assert from "node:assert/strict";
import { createCatalogue } from "../demo/site/catalogue.ts";
import type { RequestRecord } from "../demo/site/log.ts";
import { planPipeline, USUAL } from "./pipeline_plan.ts";
import { asked } from "./pipeline_verify.ts";

const HOST = "bringatrailer.com";
const catalogue = createCatalogue({
  seed: "demo",
  counts: { [HOST]: 3000 },
  now: Date.UTC(2026, 10, 22),
});
const urls = [...catalogue.all(), ...catalogue.extras()].map((it) => it.url);

function plan() {
  const faults = new Set<string>();
  const site = { catalogue, setFault: (url: string) => void faults.add(url) };
  return { planned: planPipeline(site, urls, { seed: "a", ...USUAL, timeouts: 2 }), faults };
}

Deno.test("a tenth of the listings meets a passing fault, a fiftieth is gone, a hundredth walled", () => {
  const { planned, faults } = plan();
  const share = (fits: (it: typeof planned[number]) => boolean) =>
    planned.filter(fits).length / planned.length;
  assert.ok(Math.abs(share((it) => it.trouble !== null) - 0.1) < 0.02);
  assert.ok(Math.abs(share((it) => it.fate === "gone") - 0.02) < 0.01);
  assert.ok(Math.abs(share((it) => it.fate === "walled") - 0.01) < 0.005);
  assert.equal(planned.filter((it) => it.trouble === "no answer in time").length, 2);
  const troubled = planned.filter((it) => it.trouble || it.fate === "gone" || it.fate === "walled");
  assert.deepEqual([...faults].sort(), troubled.map((it) => it.url).sort());
});

Deno.test("the same seed plans the same, and cars that come twice are never lost", () => {
  const { planned } = plan();
  assert.deepEqual(plan().planned, planned);
  const twice = new Set(catalogue.extras().flatMap((it) => [it.relistingOf, it.url]));
  for (const { url, fate } of planned) {
    if (twice.has(url)) assert.ok(fate === "vehicle" || fate === "non_vehicle");
  }
});

const request = (at: number, path = "/listing/a/"): RequestRecord => ({
  host: HOST,
  path,
  at,
  status: 200,
  userAgent: null,
  ifNoneMatch: null,
});

Deno.test("the most requests in any five seconds are found, wherever they stand", () => {
  const even = Array.from({ length: 300 }, (_, i) => request(i * 100));
  const held = asked({ requests: even }, 100);
  assert.equal(held.most, 50);
  assert.ok(held.most <= held.allowed);
  const burst = [...even, ...Array.from({ length: 30 }, () => request(12_345, "/robots.txt"))];
  const hasty = asked({ requests: burst }, 100);
  assert.equal(hasty.most, 80);
  assert.ok(hasty.most > hasty.allowed, "haste is seen");
  assert.deepEqual([hasty.pages, hasty.others], [300, 30]);
});
