import { strict as assert } from "node:assert";
import type { Improvement } from "../driver/improve.ts";
import { checkImprovement } from "./improvement.ts";

const healed: Improvement = {
  scraper: "ksl_scraper",
  version: "v1.1.0",
  vehicles: 60,
  lacking: 47,
  stated: 41,
  queued: 47,
  processed: 47,
  healed: 41,
  requests: 0,
  seconds: 1,
};

Deno.test("all that lack the field are queued, and all whose pages state it are healed", () => {
  const { seen, problems } = checkImprovement(healed);
  assert.equal(seen, "47 vehicles queued, 41 healed");
  assert.deepEqual(problems, []);
});

Deno.test("what was not queued, not read, not healed or asked of the site is a problem", () => {
  const wrong = { ...healed, queued: 46, processed: 45, healed: 40, requests: 1 };
  assert.deepEqual(checkImprovement(wrong).problems, [
    "46 vehicles were queued, must be 47",
    "45 vehicles were read again, must be 47",
    "40 vehicles were healed, must be 41",
    "the site was asked 1 times",
  ]);
});
