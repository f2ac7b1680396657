import type { ScraperAhead } from "../../database/sources.ts";

let warned = false;

/**
 * Says, once in the life of a worker, which scrapers are deployed newer than they are registered:
 * no vehicle was queued for what they read better.
 */
export function warnOfScrapersAhead(
  ahead: readonly ScraperAhead[],
  warn: (message: string, fields: Record<string, unknown>) => void,
): void {
  if (warned) return;
  warned = true;
  for (const one of ahead) {
    if (one.registered_version === null) continue; // its first version: there is nothing to read again
    warn(
      `${one.scraper_name} is deployed as ${one.deployed_version} and registered as ` +
        `${one.registered_version}: register it with scripts/deploy-scraper-version.js`,
      { scraper: one.scraper_name },
    );
  }
}
