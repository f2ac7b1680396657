import { pageTitle, visibleText } from "../../html/visible_text.ts";

/** The site's codes of the categories that hold vehicles: cars and trucks, motorcycles, RVs, heavy, ATVs. */
const VEHICLES = new Set(
  "cta,cto,ctd,mca,mcy,mcd,mco,rva,rvs,rvd,rvo,hva,hvo,hvd,heq,hed,sna,snw,snd,sno,sss".split(","),
);
const GONE =
  /this posting (?:has (?:been (?:deleted by its author|flagged for removal|removed)|expired)|is no longer available)|there is nothing here/i;

const SCAN = 500_000;
const INDEX =
  /\b(?:class|id)="[^"]{0,200}\b(?:cl-static-search-results?|search-results?|result-row|cl-search-result|ld_searchpage_results|searchform)\b/;
const FEED = /^\s*(?:<\?xml|<rss|<rdf:RDF|<feed)/i;
const ABOUT = /<link rel="canonical" href="[^"]{0,200}\/about\//;

/** Why a page without a post has none. */
export function whyNoPost(page: string, url: string): ["not_a_listing" | "unreadable", string] {
  const html = page.slice(0, SCAN);
  const indexed = INDEX.test(html);
  const gone = GONE.exec(visibleText(html, 3_000))?.[0];
  if (gone !== undefined && !indexed) return ["not_a_listing", `removed: the page says "${gone}"`];
  if (indexed) return ["not_a_listing", "an index of posts"];
  if (FEED.test(html.slice(0, 500))) return ["not_a_listing", "a feed, not a page"];
  if (!/<(?:html|body|div|section)\b/i.test(html.slice(0, 100_000))) {
    return ["unreadable", "not an HTML page"];
  }
  const path = /^https?:\/\/[^/]+(\/[^?#]{0,300})/.exec(url)?.[1] ?? "/";
  if (/^\/(?:$|search\/|d\/[^/]+\/search\/)/.test(path)) {
    return ["not_a_listing", `an index of posts (${path})`];
  }
  const title = pageTitle(html);
  if (ABOUT.test(html) || /\b(?:404 error|page not found)\b/i.test(title)) {
    return ["not_a_listing", `no post: its title is "${title}"`];
  }
  return ["unreadable", "no post in the page"];
}

/** The category under which a post stands; `null` when the page does not say or it holds vehicles. */
export function otherCategory(html: string, url: string): string | null {
  const crumbs = breadcrumbs(html);
  const codes = [
    ...crumbs.matchAll(
      /\/search\/(?:[a-z]{3}\/)?([a-z]{3})(?=["?])|[?&](?:amp;)?cat=([a-z]{3})\b/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? "");
  const code = codes.at(-1) ?? /\/([a-z]{3})\/d\//.exec(url)?.[1];
  if (code === undefined || VEHICLES.has(code)) return null;
  return code;
}

/** Who sells: "owner" or "dealer", as the page's title or its trail says. */
export function sellerKind(
  html: string,
  url: string,
): { kind: "owner" | "dealer"; evidence: string } | null {
  const title = / - by (owner|dealer)\b/.exec(pageTitle(html))?.[1];
  if (title !== undefined) {
    return { kind: kindOf(title), evidence: `the page's title says "by ${title}"` };
  }
  const crumbs = breadcrumbs(html);
  const trail = /purveyor=(owner|dealer)\b/.exec(crumbs)?.[1] ??
    /\bby[ -](owner|dealer)\b/.exec(crumbs)?.[1];
  if (trail !== undefined) return { kind: kindOf(trail), evidence: `filed under "by ${trail}"` };
  const code = /\/(ct|mc|rv|pt)(o|d|y)\/d\//.exec(url)?.[2];
  return code === undefined
    ? null
    : { kind: code === "d" ? "dealer" : "owner", evidence: `filed under ${url.split("/")[3]}` };
}

function kindOf(text: string): "owner" | "dealer" {
  return text === "dealer" ? "dealer" : "owner";
}

/** The trail of links above a post: markup for machines, or the list that is shown. */
function breadcrumbs(html: string): string {
  const data = html.indexOf('id="ld_breadcrumb_data"');
  if (data >= 0) {
    const end = html.indexOf("</script>", data);
    return html.slice(data, end < 0 ? data + 4_000 : Math.min(end, data + 8_000));
  }
  const list = html.indexOf('class="breadcrumbs');
  return list < 0 ? "" : html.slice(list, list + 4_000);
}
