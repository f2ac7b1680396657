import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { attribute } from "../../html/regions.ts";
import { oneLine } from "../../html/text.ts";
import { safeUrl } from "./address.ts";

/** A link of a page to another page, and the words that it stands under. */
export interface Link {
  url: string;
  text: string;
}

const ANCHOR = /<a\b[^<>]{0,2000}\bhref\s*=\s*["']?[^"'<>\s]{1,2000}[^<>]{0,2000}>/gi;
const ALTERNATE = /<link\b[^<>]{0,1000}\brel\s*=\s*["']?alternate\b[^<>]{0,1000}>/gi;
const SCAN = 3_000_000;
const MOST_LINKS = 2_000;
const MOST_FEEDS = 10;

/** The links of a page in its order, each address once, on whatever host; at most 2,000. */
export function linksIn(page: Pick<Page, "url" | "body">): Link[] {
  const html = page.body.slice(0, SCAN);
  const found = new Map<string, Link>();
  for (const match of html.matchAll(ANCHOR)) {
    const url = safeUrl(attribute(match[0], "href"), page.url)?.href;
    if (url === undefined || found.has(url)) continue;
    const from = match.index + match[0].length;
    const end = html.indexOf("</a", from);
    const inside = html.slice(from, end < 0 ? from : Math.min(end, from + 2_000));
    found.set(url, { url, text: oneLine(inside).slice(0, 200) });
    if (found.size >= MOST_LINKS) break;
  }
  return [...found.values()];
}

/** The RSS and Atom feeds that a page names as its own other form. */
export function feedsNamedIn(page: Pick<Page, "url" | "body">): string[] {
  const found = new Set<string>();
  for (const [tag] of page.body.slice(0, SCAN).matchAll(ALTERNATE)) {
    if (!/^application\/(?:rss|atom|rdf)\+xml$/i.test(attribute(tag, "type") ?? "")) continue;
    const url = safeUrl(attribute(tag, "href"), page.url)?.href;
    if (url !== undefined) found.add(url);
    if (found.size >= MOST_FEEDS) break;
  }
  return [...found];
}

/** Whether an address is on a host itself, with or without www. */
export function isOn(host: string, url: string): boolean {
  return hostOf(url) === host;
}
