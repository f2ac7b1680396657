import type { SourceAdapter } from "./adapter.ts";
import { nothing } from "./nothing.ts";

const scraper = { name: "bat_scraper", version: "v0.1.0" };

/** Bring a Trailer: auctions of enthusiasts' vehicles. */
export const bringatrailer: SourceAdapter = {
  slug: "bringatrailer",
  name: "Bring a Trailer",
  kind: "auction",
  hosts: ["bringatrailer.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract: () => nothing("unreadable", "not yet read", "bringatrailer", scraper),
};
