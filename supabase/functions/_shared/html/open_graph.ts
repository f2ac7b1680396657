import { attribute } from "./regions.ts";

const META = /<meta\b[^<>]{0,3000}>/gi;
/** Meta tags stand in the head; one further down belongs to something quoted. */
const SCAN = 300_000;

/**
 * The page's meta tags by name (`og:title`, `product:price:amount`, `description`), lower case,
 * decoded; the first of a name wins.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const tags = metaTags(`<meta property="og:title" content="1988 BMW M5 &amp; spares">`);
 * assert.equal(tags.get("og:title"), "1988 BMW M5 & spares");
 * ```
 */
export function metaTags(html: string): Map<string, string> {
  return readMetaTags(html).tags;
}

/**
 * The meta tags, and whether they are the cards of several things: two addresses, or two titles, in
 * Open Graph's names. What stands behind the second is left out.
 */
export function readMetaTags(html: string): { tags: Map<string, string>; several: boolean } {
  const tags = new Map<string, string>();
  const head = html.slice(0, SCAN);
  let count = 0;
  let several = false;
  for (const [tag] of head.matchAll(META)) {
    if (++count > 500) break;
    const name = attribute(tag, "property") ?? attribute(tag, "name");
    const content = attribute(tag, "content");
    if (name === null || content === null) continue;
    const key = name.trim().toLowerCase();
    // A second title or address begins the card of something else.
    if (key === "og:title" || key === "og:url") {
      several ||= tags.has(key) && tags.get(key) !== content.trim();
    }
    if (several && /^(?:og|product):/.test(key)) continue;
    if (!tags.has(key)) tags.set(key, content.trim());
  }
  return { tags, several };
}

/**
 * The address in the page's `<link rel="canonical">`; `null` when it has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<link rel="canonical" href="https://cars.example/1">`;
 * assert.equal(canonicalLink(html), "https://cars.example/1");
 * ```
 */
export function canonicalLink(html: string): string | null {
  const link = /<link\b[^<>]{0,500}rel\s*=\s*["']?canonical["']?[^<>]{0,1500}>/i.exec(
    html.slice(0, SCAN),
  );
  return link === null ? null : attribute(link[0], "href");
}
