import { visibleText } from "../html/visible_text.ts";
import { parseTitle } from "../vehicle/title.ts";
import { showsBidding } from "./bidding.ts";

const SHELL_ROOT =
  /<(?:div|main|app-root)[^<>]{0,200}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|react-root|application|main-app)\b|<app-root\b/i;
const NEEDS_SCRIPT =
  /(?:enable|need|requires?|turn on)\s+(?:java\s?script)|java\s?script\s+(?:is\s+)?(?:required|disabled|to run)/i;
/** A page with less text than this and the root of an app is its frame; without one, with less still. */
const SHELL_TEXT = 600;
const BARE_TEXT = 200;

/** Why a page is only the frame that a browser fills; `null` when it has its content. */
export function whyShell(html: string): string | null {
  const text = visibleText(html, SHELL_TEXT + 1);
  if (text.length > SHELL_TEXT) return null;
  const scripts = /<script\b/i.test(html);
  const bare = text.length < BARE_TEXT && NEEDS_SCRIPT.test(html);
  if (scripts && (bare || SHELL_ROOT.test(html))) {
    return `a shell that a browser must fill (${text.length} characters of text): needs a browser`;
  }
  return null;
}

const REMOVED =
  /\b(?:(?:this|the|that) (?:listing|posting|ad|advert|advertisement|vehicle|car|page|auction|item)(?: you (?:requested|are looking for|were looking for))? (?:has been|was|is|has|may have been)\s?(?:now )?(?:been )?(?:removed|deleted|expired|flagged for removal|no longer (?:available|active|listed|for sale)|not (?:available|found)|unavailable)|no longer available|page (?:not|cannot be) found|404 (?:error|not found)|listing not found|vehicle not found|we (?:can[’']t|couldn[’']t|could not) find (?:that|the|this) (?:page|listing|vehicle))\b/i;
/** A page that says no more than this is a notice; in a longer one only its headings are. */
const NOTICE_TEXT = 800;
const HEADINGS = /<h[1-3]\b[^<>]{0,500}>([^<]{1,300})/gi;

/** The words with which a page says that what stood there is gone; `null` when it does not. */
export function removedNotice(html: string, title: string): string | null {
  const headings = [...html.slice(0, 500_000).matchAll(HEADINGS)].slice(0, 20).map((match) =>
    match[1] ?? ""
  );
  const text = visibleText(html, NOTICE_TEXT + 1);
  const notices = [title, ...headings, text.length > NOTICE_TEXT ? "" : text];
  for (const notice of notices) {
    const found = REMOVED.exec(notice)?.[0];
    if (found !== undefined) return found;
  }
  return null;
}

const OTHER_TYPES = new Set([
  "itemlist",
  "searchresultspage",
  "collectionpage",
  "article",
  "newsarticle",
  "blogposting",
  "faqpage",
  "aboutpage",
  "contactpage",
  "jobposting",
  "profilepage",
  "review",
  "recipe",
]);
const OTHER_TITLE =
  /^(?:our )?(?:locations?|about|contact|search|results|inventory|careers|service|financing|directions|hours|staff|blog|news)\b|\bsearch results\b|\bfor sale near me\b|\b(?:cars|trucks|vehicles|listings|inventory)\b.{0,40}\bfor sale\b/i;
const OTHER_PATH =
  /\/(?:[a-z]+-for-sale(?:\/[a-z-]{1,40}){0,3}|locations?|about(?:-us)?|contact(?:-us)?|search|results|careers|directions|hours|staff|privacy|terms)(?:\.\w{2,5})?\/?$/i;

/** Why a page without a vehicle is about something else; `null` when that cannot be told. */
export function whyAboutElse(types: readonly string[], title: string, url: string): string | null {
  const type = types.find((one) => OTHER_TYPES.has(one));
  if (type !== undefined) return `marked up as ${type}`;
  const { year, makeKnown } = parseTitle(title);
  if (OTHER_TITLE.test(title) && !(year !== null && makeKnown)) {
    return `its title is "${title.slice(0, 100)}"`;
  }
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return OTHER_PATH.test(path)
    ? `its address ends in ${path.slice(path.lastIndexOf("/", path.length - 2))}`
    : null;
}

/** Auction houses' own names, and the word for an auction in the names of others. */
const AUCTION_HOST =
  /auction|auktion|veiling|encheres|subasta|aukcj|licytac|(?:^|[.-])aste?(?=[.-])|bringatrailer|carsandbids|barrett-jackson|mecum|sothebys|bonhams|gooding|pcarmarket|collectingcars/i;

/** Whether a page sells by bids: a sum in its markup is then a bid, not a price asked. */
export function sellsByBids(html: string, host: string): boolean {
  return AUCTION_HOST.test(host) || showsBidding(html);
}
