import { pathOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import type { NoListing } from "../../extraction/page_kind.ts";
import { pageTitle, visibleText } from "../../html/visible_text.ts";

const GONE =
  /this posting (?:has (?:been (?:deleted by its author|flagged for removal|removed)|expired)|is no longer available)|there is nothing here/i;

const SCAN = 500_000;
const INDEX =
  /\b(?:class|id)="[^"]{0,200}\b(?:cl-static-search-results?|search-results?|result-row|cl-search-result|ld_searchpage_results|searchform)\b/;
const FEED = /^\s*(?:<\?xml|<rss|<rdf:RDF|<feed)/i;
const ABOUT = /<link rel="canonical" href="[^"]{0,200}\/about\//;

/** What a page is that holds no post. */
export function whyNoPost(page: Page): NoListing {
  const html = page.body.slice(0, SCAN);
  const indexed = INDEX.test(html);
  const gone = GONE.exec(visibleText(html, 3_000))?.[0];
  if (gone !== undefined && !indexed) {
    return { kind: "removed", reason: `removed: the page says "${gone}"` };
  }
  if (indexed) return { kind: "index", reason: "an index of posts" };
  if (FEED.test(html.slice(0, 500))) return { kind: "index", reason: "a feed, not a page" };
  if (!/<(?:html|body|div|section)\b/i.test(html.slice(0, 100_000))) {
    return { kind: "unknown", reason: "not an HTML page" };
  }
  const path = pathOf(page.url).slice(0, 301);
  if (/^\/(?:$|search\/|d\/[^/]+\/search\/)/.test(path)) {
    return { kind: "index", reason: `an index of posts (${path})` };
  }
  const title = pageTitle(html);
  if (ABOUT.test(html) || /\b(?:404 error|page not found)\b/i.test(title)) {
    return { kind: "no_vehicle", reason: `no post: its title is "${title}"` };
  }
  return { kind: "unknown", reason: "no post in the page" };
}
