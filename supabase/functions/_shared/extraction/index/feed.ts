import { decodeEntities } from "../../html/entities.ts";
import { attribute } from "../../html/regions.ts";
import { oneLine } from "../../html/text.ts";

/** One entry of an RSS 0.9–2.0, RDF or Atom feed. */
export interface FeedItem {
  title: string;
  link: string | null;
  /** The text as markup, entities of the feed decoded. */
  content: string;
  /** ISO 8601 in UTC. */
  publishedAt: string | null;
  picture: string | null;
}

const MOST = 2_000;
const FEED =
  /^(?:\s|<\?[^<>]{0,500}\?>|<!--[\s\S]{0,5000}?-->|<!DOCTYPE[^<>]{0,500}>|\ufeff){0,50}<(?:rss|feed|rdf:RDF|RDF)\b/i;

/** Whether a body is a feed, whatever its media type says. */
export function isFeed(body: string): boolean {
  return FEED.test(body.slice(0, 20_000));
}

/**
 * The entries of a feed, and whether it is whole. Read as text, element by element: prefixes that
 * the feed never declares, entities that XML does not know and an end that is missing do no harm.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { items, whole } = feedItems(
 *   "<rss><channel><item><title>1988 BMW M5</title><link>https://cars.example/1</link></item></channel></rss>",
 * );
 * assert.deepEqual([items[0]?.title, items[0]?.link, whole], [
 *   "1988 BMW M5",
 *   "https://cars.example/1",
 *   true,
 * ]);
 * ```
 */
export function feedItems(xml: string): { items: FeedItem[]; whole: boolean } {
  const items: FeedItem[] = [];
  const open = /<(item|entry)(?=[\s>])[^<>]{0,2000}>/gi;
  let whole = /<\/(?:rss|feed|rdf:RDF|RDF)\s*>\s*$/i.test(xml.slice(-2_000));
  for (let match = open.exec(xml); match !== null && items.length < MOST; match = open.exec(xml)) {
    const end = endOf(xml, match[1] ?? "item", open.lastIndex);
    if (end < 0) {
      whole = false;
      continue;
    }
    items.push(itemOf(match[0], xml.slice(open.lastIndex, end)));
    open.lastIndex = end;
  }
  return { items, whole };
}

/** Where an element closes; a CDATA section in it may speak of anything, also of that. */
function endOf(xml: string, name: string, from: number): number {
  const mark = new RegExp(`<!\\[CDATA\\[|</${name}\\s*>|<${name}(?=[\\s>])`, "gi");
  mark.lastIndex = from;
  for (let match = mark.exec(xml); match !== null; match = mark.exec(xml)) {
    if (match[0].startsWith("</")) return match.index;
    if (!match[0].startsWith("<!")) return -1;
    const close = xml.indexOf("]]>", mark.lastIndex);
    if (close < 0) return -1;
    mark.lastIndex = close + 3;
  }
  return -1;
}

function itemOf(tag: string, body: string): FeedItem {
  const bare = body.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  const field = (name: string) => valueOf(bare, name);
  const content = field("content:encoded") || field("content") || field("description") ||
    field("summary");
  const published = Date.parse(
    field("pubDate") || field("dc:date") || field("published") || field("updated"),
  );
  const href = linkOf(bare) ?? attributeOf(tag, "rdf:about");
  const guid = /<guid\b(?![^<>]{0,200}isPermaLink\s*=\s*["']false)/i.test(bare)
    ? field("guid")
    : "";
  return {
    // The titles of feeds hold HTML that XML has wrapped once more: "&amp;#215;".
    title: oneLine(decodeEntities(field("title"))),
    link: href ?? (/^https?:\/\//.test(guid) ? guid : null),
    content,
    publishedAt: Number.isNaN(published) ? null : new Date(published).toISOString(),
    picture: pictureOf(bare, content),
  };
}

/** The text of the first element of a name: CDATA as it stands, else with its entities decoded. */
function valueOf(body: string, name: string): string {
  const open = new RegExp(`<${name}(?=[\\s>])[^<>]{0,1000}>`, "i").exec(body);
  if (open === null || open[0].endsWith("/>")) return "";
  const from = open.index + open[0].length;
  const cdata = /^\s*<!\[CDATA\[/.exec(body.slice(from, from + 200));
  if (cdata !== null) {
    const end = body.indexOf("]]>", from);
    return end < 0 ? "" : body.slice(from + cdata[0].length, end).trim();
  }
  const end = body.indexOf(`</${name}`, from);
  return end < 0 ? "" : decodeEntities(body.slice(from, end)).trim();
}

function linkOf(body: string): string | null {
  const text = valueOf(body, "link");
  if (text !== "") return text;
  const links = [...body.matchAll(/<link\b[^<>]{0,3000}>/gi)].map((match) => match[0]);
  const own = links.find((link) => (attributeOf(link, "rel") ?? "alternate") === "alternate");
  return own === undefined ? null : attributeOf(own, "href");
}

function pictureOf(body: string, content: string): string | null {
  for (const name of ["media:thumbnail", "media:content", "enclosure", "enc:enclosure"]) {
    const tag = new RegExp(`<${name}\\b[^<>]{0,3000}>`, "i").exec(body)?.[0] ?? "";
    const url = attributeOf(tag, "url") ?? attributeOf(tag, "resource");
    if (url !== null && !/^(?:audio|video)\//.test(attributeOf(tag, "type") ?? "")) return url;
  }
  const image = /<img\b[^<>]{0,3000}>/i.exec(content.slice(0, 20_000))?.[0] ?? "";
  return attributeOf(image, "src");
}

function attributeOf(tag: string, name: string): string | null {
  return attribute(tag, name)?.trim() || null;
}
