/** How much of a redesigned site is read again by what its own pages teach. */
import process from "node:process";
import { apply } from "../../supabase/functions/_shared/learning/apply.ts";
import { induce } from "../../supabase/functions/_shared/learning/induce.ts";
import { pageAfter } from "./pages.ts";
import { type RedesignSite, SHOWN } from "./sites.ts";
import { factsOf, heldFacts, STOCK } from "./vehicles.ts";

/** Values of the pages that were not learned from. */
interface ReadAgain {
  stated: number;
  right: number;
  /** Read otherwise than the page states it, each in words; `sure`: with 0.8 or more. */
  wrong: string[];
  sure: string[];
  /** Read where the page does not state the field. */
  invented: string[];
  /** Fields without a rule, and why. */
  givenUp: string[];
  /** Milliseconds of learning. */
  cpu: number;
}

/** Learns from the first pages of a redesigned site by what is held of their vehicles, and reads the others. */
export function readAgain(site: RedesignSite, learned: number): ReadAgain {
  const numbers = Array.from({ length: STOCK }, (_, n) => n);
  const first = numbers.slice(0, learned);
  const before = process.cpuUsage();
  const map = induce(
    first.map((n) => pageAfter(site, n)),
    first.map((n) => heldFacts(site, n)),
  );
  const { user, system } = process.cpuUsage(before);
  const total: ReadAgain = {
    stated: 0,
    right: 0,
    wrong: [],
    sure: [],
    invented: [],
    givenUp: map.templates.flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([field, { givenUp }]) =>
        givenUp === null ? [] : [`${field}: ${givenUp}`]
      )
    ),
    cpu: (user + system) / 1000,
  };
  for (const n of numbers.slice(learned)) {
    const [facts, read] = [factsOf(site, n), apply(map, pageAfter(site, n))];
    for (const field of SHOWN) {
      const [stated, got] = [facts[field], read[field]];
      if (stated !== null) total.stated++;
      if (got === undefined) continue;
      if (String(got.value) === String(stated)) {
        total.right++;
        continue;
      }
      const words =
        `${site.change}, page ${n}: ${field} "${got.value}", not "${stated}" (${got.rule})`;
      (stated === null ? total.invented : total.wrong).push(words);
      if (got.confidence >= 0.8) total.sure.push(words);
    }
  }
  return total;
}
