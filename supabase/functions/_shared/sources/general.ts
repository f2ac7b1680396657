import type { SourceAdapter } from "./adapter.ts";
import { nothing } from "./nothing.ts";

const scraper = { name: "general_scraper", version: "v0.1.0" };

/** The slug of a host without an adapter of its own: its name without `www.` ("cars.com"). */
export function hostSlug(url: string): string {
  try {
    return new URL(url).hostname.toLowerCase().replace(/^www\./, "").replace(/\.$/, "") ||
      "general";
  } catch {
    return "general";
  }
}

/** Any site that marks up a vehicle: JSON-LD, microdata, Open Graph. */
export const general: SourceAdapter = {
  slug: "general",
  name: "Any site with vehicle markup",
  kind: "general",
  hosts: [],
  scraper: scraper.name,
  version: scraper.version,
  extract: (page) => nothing("unreadable", "not yet read", hostSlug(page.url), scraper),
};
