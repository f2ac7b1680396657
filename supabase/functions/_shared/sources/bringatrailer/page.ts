import { decodeEntities } from "../../reading/entities.ts";
import {
  arrayItems,
  isObject,
  type Json,
  parseJson,
  scriptVariable,
  scriptVariableAt,
} from "../../reading/json_region.ts";
import { closedElementWith, elements, elementWith } from "../../reading/regions.ts";
import { oneLine, paragraphs } from "../../reading/text.ts";
import { pageTitle } from "../../reading/visible_text.ts";

/** The parts of a listing page that are read, cut out of it; a part that is not there is empty. */
export interface BatPage {
  /** "listing-detail-page-live", "…-closed"; `null` when the page does not say. */
  contentGroup: string | null;
  title: string;
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
  entries: { list: { [key: string]: Json }[]; whole: boolean };
  /** The seller's number among authors. */
  sellerId: string | null;
  /** The number of comments that the page shows. */
  shownComments: string;
  views: string;
  watchers: string;
}

/** Cuts a page of Bring a Trailer into its parts, without building a tree of it. */
export function cutBatPage(html: string): BatPage {
  const head = pageTitle(html);
  const priceRegion = closedElementWith(html, "listing-available-info", 20_000);
  const vms = entriesOf(html);
  return {
    contentGroup: /"contentGroup"\s*:\s*"([^"]{1,80})"/.exec(after(html, "BAT_CTX", 300))?.[1] ??
      null,
    title: titleOf(html, head),
    noReserve: /^no reserve\b/i.test(decodeEntities(head)) ||
      /og:title" content="no reserve/i.test(after(html, "og:title", 80)),
    priceLine: oneLine(priceRegion),
    priceRegion,
    stats: statsOf(elementWith(html, 'id="listing-bid"', 0, 40_000)),
    essentials: elementWith(html, 'class="essentials"', 0, 60_000) ||
      elementWith(html, "listing-essentials", 0, 60_000),
    groups: groupsOf(html),
    description: paragraphs(closedElementWith(html, 'class="post-excerpt"', 300_000)),
    entries: vms.entries,
    sellerId: vms.sellerId,
    shownComments: oneLine(
      closedElementWith(html, "comments-updated.display", 2_000) ||
        closedElementWith(html, 'class="comments-title"', 2_000),
    ),
    views: after(html, 'data-stats-item="views"', 60),
    watchers: after(html, 'data-stats-item="watchers"', 60),
  };
}

/** What follows the first place where a mark stands; `""` when it stands nowhere. */
function after(html: string, mark: string, length: number): string {
  const at = html.indexOf(mark);
  return at < 0 ? "" : html.slice(at, at + mark.length + length);
}

function titleOf(html: string, head: string): string {
  const heading = oneLine(closedElementWith(html, "listing-post-title", 2_000)) ||
    oneLine(closedElementWith(html, "<h1", 2_000));
  return heading ||
    decodeEntities(head).replace(/\s+(?:for sale on BaT|\||- (?:sold|closed|ending)\b).*$/i, "");
}

function statsOf(table: string): BatPage["stats"] {
  return elements(table, "tr", 30).map((row) => {
    const cells = elements(row, "td", 4);
    return { label: oneLine(cells[0] ?? ""), value: oneLine(cells[1] ?? ""), markup: row };
  });
}

const GROUP = /group-title-label"?[^>]*>([^<]{1,40})<\/strong>\s*([^<]{1,200})/g;

function groupsOf(html: string): Map<string, string> {
  const groups = new Map<string, string>();
  const at = html.indexOf("group-title-label");
  if (at < 0) return groups;
  for (const match of html.slice(at, at + 10_000).matchAll(GROUP)) {
    const label = (match[1] ?? "").trim();
    const value = decodeEntities(match[2] ?? "").trim();
    groups.set(label, groups.has(label) ? `${groups.get(label)}, ${value}` : value);
  }
  return groups;
}

function entriesOf(html: string): { entries: BatPage["entries"]; sellerId: string | null } {
  const whole = scriptVariable(html, "BAT_VMS");
  if (isObject(whole) && Array.isArray(whole.comments)) {
    const sellerId = whole.postAuthor;
    return {
      entries: { list: whole.comments.filter(isObject), whole: true },
      sellerId: typeof sellerId === "string" || typeof sellerId === "number"
        ? String(sellerId)
        : null,
    };
  }
  const mark = '"comments":[';
  const at = html.indexOf(mark, Math.max(scriptVariableAt(html, "BAT_VMS"), 0));
  if (at < 0) return { entries: { list: [], whole: false }, sellerId: null };
  const { items, whole: unbroken } = arrayItems(html, at + mark.length - 1);
  return { entries: { list: items.filter(isObject), whole: unbroken }, sellerId: null };
}

/** The pictures of the gallery as the page lists them: entity-encoded JSON in an attribute. */
export function galleryOf(html: string): Json[] {
  const mark = 'data-gallery-items="';
  const at = html.indexOf(mark);
  if (at < 0) return [];
  const end = html.indexOf('"', at + mark.length);
  const encoded = html.slice(at + mark.length, end < 0 ? at + 2_000_000 : end);
  const text = decodeEntities(encoded.replaceAll("&quot;", '"'));
  const whole = parseJson(text);
  return Array.isArray(whole) ? whole : arrayItems(text, 0).items;
}
