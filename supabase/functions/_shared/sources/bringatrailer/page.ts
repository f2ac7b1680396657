import { decodeEntities } from "../../html/entities.ts";
import {
  arrayItems,
  isObject,
  type JsonObject,
  scriptVariable,
  textOf,
} from "../../html/json_region.ts";
import { closedElementWith, elements, elementWith } from "../../html/regions.ts";
import { oneLine, paragraphs } from "../../html/text.ts";
import { pageTitle } from "../../html/visible_text.ts";

/** The parts of a listing page that are read, cut out of it; a part that is not there is empty. */
export interface BatPage {
  /** "listing-detail-page-live", "…-closed"; `null` when the page does not say. */
  contentGroup: string | null;
  title: string;
  /** The title in the page's head, which also tells how the auction ended. */
  head: string;
  noReserve: boolean;
  /** The line under the title: "Sold for USD $42,000 on 4/24/26 64 Comments". */
  priceLine: string;
  priceRegion: string;
  /** The rows of the table of the auction, label and value. */
  stats: { label: string; value: string; markup: string }[];
  essentials: string;
  /** "Make" → "Porsche", "Model" → "Porsche 987 Cayman", "Era", "Origin", "Category". */
  groups: Map<string, string>;
  description: string;
  /** The auction's entries (comments, bids, its result); `whole` when none was lost. */
  entries: { list: JsonObject[]; whole: boolean };
  /** The page stops before its end: neither its entries nor `</html>` are all there. */
  cutShort: boolean;
  /** The seller's number among authors. */
  sellerId: string | null;
  /** The number of comments that the page shows. */
  shownComments: string;
  views: string;
  watchers: string;
  /** Addresses of the gallery's pictures, largest size. */
  images: string[];
}

/** Cuts a page of Bring a Trailer into its parts, without building a tree of it. */
export function cutBatPage(html: string): BatPage {
  const head = pageTitle(html);
  const seek = new Seeker(html);
  // In the order of the page, so that each search begins where the one before ended.
  const contentGroup = CONTENT_GROUP.exec(seek.after("BAT_CTX", 300))?.[1] ?? null;
  const shared = seek.after("og:title", 80);
  const title = titleOf(seek, head);
  const priceRegion = seek.closedElement("listing-available-info", 20_000);
  const groups = groupsOf(seek.after("group-title-label", 10_000));
  const description = descriptionOf(seek);
  const images = galleryIn(seek.after(GALLERY, 2_000_000));
  const stats = statsOf(seek.element('id="listing-bid"', 40_000));
  const views = seek.after('data-stats-item="views"', 60);
  const watchers = seek.after('data-stats-item="watchers"', 60);
  const shownComments = oneLine(
    seek.closedElement("comments-updated.display", 2_000) ||
      seek.closedElement('class="comments-title"', 2_000),
  );
  const essentials = seek.element('class="essentials"', 60_000) ||
    seek.element("listing-essentials", 60_000);
  const activity = entriesOf(html, seek.to("var BAT_VMS"));
  return {
    contentGroup,
    title,
    head: decodeEntities(head),
    noReserve: /^no reserve\b/i.test(decodeEntities(head)) ||
      /^og:title" content="no reserve/i.test(shared),
    priceLine: oneLine(priceRegion),
    priceRegion,
    stats,
    essentials,
    groups,
    description,
    images,
    ...activity,
    cutShort: !activity.entries.whole && html.lastIndexOf("</html") < 0,
    shownComments,
    views,
    watchers,
  };
}

const CONTENT_GROUP = /"contentGroup"\s*:\s*"([^"]{1,80})"/;

/** Looks for marks in the order in which a page has them; a mark that stands earlier is found too. */
class Seeker {
  #at = 0;
  constructor(readonly html: string) {}

  /** Where a mark stands, ahead if it can be; -1 when nowhere. */
  to(mark: string): number {
    const ahead = this.html.indexOf(mark, this.#at);
    if (ahead < 0) return this.html.indexOf(mark);
    return this.#at = ahead;
  }

  /** The mark and what follows it; `""` when it stands nowhere. */
  after(mark: string, length: number): string {
    const at = this.to(mark);
    return at < 0 ? "" : this.html.slice(at, at + mark.length + length);
  }

  element(mark: string, limit: number): string {
    const at = this.to(mark);
    return at < 0 ? "" : elementWith(this.html, mark, at, limit);
  }

  closedElement(mark: string, limit: number): string {
    const at = this.to(mark);
    return at < 0 ? "" : closedElementWith(this.html, mark, at, limit);
  }
}

function titleOf(seek: Seeker, head: string): string {
  const heading = oneLine(seek.closedElement("listing-post-title", 2_000)) ||
    oneLine(seek.closedElement("<h1", 2_000));
  return heading ||
    decodeEntities(head).replace(
      /\s+(?:for sale on BaT|\||- (?:sold|closed|ending|withdrawn)\b).*$/i,
      "",
    );
}

/** The text of the listing; the site's dialogs carry the same class, but stand elsewhere. */
function descriptionOf(seek: Seeker): string {
  const at = seek.to('class="post-excerpt"');
  if (at < 0) return "";
  const inListing = seek.html.slice(Math.max(0, at - 600), at).includes("type-bat-listing");
  if (!inListing && !/^[^>]{0,60}tabindex/.test(seek.html.slice(at, at + 100))) return "";
  return paragraphs(closedElementWith(seek.html, 'class="post-excerpt"', at, 300_000));
}

function statsOf(table: string): BatPage["stats"] {
  return elements(table, "tr", 30).map((row) => {
    const cells = elements(row, "td", 4);
    return { label: oneLine(cells[0] ?? ""), value: oneLine(cells[1] ?? ""), markup: row };
  });
}

const GROUP = /group-title-label"?[^>]*>([^<]{1,40})<\/strong>\s*([^<]{1,200})/g;

function groupsOf(region: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const match of region.matchAll(GROUP)) {
    const label = (match[1] ?? "").trim();
    const value = decodeEntities(match[2] ?? "").trim();
    groups.set(label, groups.has(label) ? `${groups.get(label)}, ${value}` : value);
  }
  return groups;
}

function entriesOf(html: string, from: number): Pick<BatPage, "entries" | "sellerId"> {
  const start = Math.max(from, 0);
  const whole = scriptVariable(html, "BAT_VMS", start);
  if (isObject(whole) && Array.isArray(whole.comments)) {
    const { comments, postAuthor } = whole;
    return {
      entries: { list: comments.filter(isObject), whole: true },
      sellerId: textOf(postAuthor),
    };
  }
  const mark = '"comments":[';
  const at = html.indexOf(mark, start);
  if (at < 0) return { entries: { list: [], whole: false }, sellerId: null };
  const { items, whole: unbroken } = arrayItems(html, at + mark.length - 1);
  return { entries: { list: items.filter(isObject), whole: unbroken }, sellerId: null };
}

const GALLERY = 'data-gallery-items="';
const QUOTE = "&quot;";
const LARGE = `${QUOTE}large${QUOTE}:`;
const SMALL = `${QUOTE}small${QUOTE}:`;
const URL_OF = `${QUOTE}url${QUOTE}:${QUOTE}`;

/**
 * Addresses of the gallery's pictures in their largest size, as the page lists them: entity-encoded
 * JSON in an attribute. Each is taken out by itself, so a broken item costs no other.
 */
function galleryIn(region: string): string[] {
  const end = region.indexOf('"', GALLERY.length);
  const encoded = region.slice(GALLERY.length, end < 0 ? region.length : end);
  const large = addressesBehind(LARGE, encoded);
  if (large.length === timesIn(SMALL, encoded)) return large;
  // Some pictures have one size only.
  const { items } = arrayItems(decodeEntities(encoded), 0);
  return items.flatMap((item) => {
    const size = isObject(item) ? [item.large, item.small].find(isObject) : undefined;
    return textOf(size?.url) ?? [];
  });
}

function timesIn(mark: string, text: string): number {
  let times = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) times++;
  return times;
}

function addressesBehind(size: string, encoded: string): string[] {
  const urls: string[] = [];
  for (let at = encoded.indexOf(size); at >= 0; at = encoded.indexOf(size, at + size.length)) {
    const named = encoded.indexOf(URL_OF, at);
    const close = named < 0 ? -1 : encoded.indexOf(QUOTE, named + URL_OF.length);
    if (close < 0) break;
    const address = encoded.slice(named + URL_OF.length, close).replaceAll("\\/", "/");
    urls.push(address.includes("&") ? decodeEntities(address) : address);
  }
  return urls;
}
