import type { Improvement } from "../driver/improve.ts";

/** Before it: what the older scraper left. */
export const improvementIntro = "A scraper gets better: KSL's reads the VIN now";

/** After it, as a person reads it. */
export function improvementText(it: Improvement): string {
  const without = it.lacking - it.stated;
  return `  The queue invoked its worker: ${it.healed} of ${it.vehicles} vehicles got their VIN, ${without} pages state none.
  ${it.requests === 0 ? "No page was fetched" : `${it.requests} requests`}; ${
    it.seconds.toFixed(1)
  } s\n`;
}
