import type { Improvement } from "../driver/improve.ts";
import { type Check, counted } from "./check.ts";

/** What the registration of a better scraper queued, and what was healed: all that it can, from snapshots. */
export function checkImprovement(it: Improvement): Check {
  const mustBe = (what: string, is: number, must: number) =>
    is === must ? [] : [`${is} vehicles were ${what}, must be ${must}`];
  return {
    name: "a scraper that gets better heals what it affects, and asks no site",
    seen: `${counted(it.queued, "vehicle")} queued, ${it.healed} healed`,
    problems: [
      ...mustBe("queued", it.queued, it.lacking),
      ...mustBe("read again", it.processed, it.lacking),
      ...mustBe("healed", it.healed, it.stated),
      ...(it.requests === 0 ? [] : [`the site was asked ${it.requests} times`]),
    ],
  };
}
