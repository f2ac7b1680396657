import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { canonicalLink } from "../../html/open_graph.ts";

export const HOST = "bringatrailer.com";
const LISTING = /^\/listing\/([^/]+)\/?$/i;

/** A listing's address in its one spelling, or why a text is none. */
type ListingUrl = { url: string } | { why: string };

/**
 * Reads the address of a listing, however it is spelled: http, `www.`, an upper-case, without the
 * last slash, with tracking parameters or a fragment. A listing is named by its path alone, in lower
 * case, so the parameters go.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(readListingUrl("http://www.bringatrailer.com/Listing/1988-BMW-M5-1?utm_source=rss"), {
 *   url: "https://bringatrailer.com/listing/1988-bmw-m5-1/",
 * });
 * assert.deepEqual(readListingUrl("https://cars.example/listing/1/"), {
 *   why: "not a listing on bringatrailer.com, but on cars.example",
 * });
 * ```
 */
export function readListingUrl(text: string): ListingUrl {
  const trimmed = text.trim();
  return URL.canParse(trimmed) ? spelled(new URL(trimmed)) : { why: "not a URL" };
}

/** The one spelling of a listing's address; null for any other. */
export function listingUrl(url: URL): string | null {
  const read = spelled(url);
  return "url" in read ? read.url : null;
}

function spelled(url: URL): ListingUrl {
  const { protocol, hostname, port, username, password, pathname } = url;
  if (protocol !== "http:" && protocol !== "https:") return { why: "not an http(s) URL" };
  if (username !== "" || password !== "") return { why: "a URL with a user name or password" };
  if (hostOf(url) !== HOST || port !== "") {
    const where = port === "" ? hostname : `${hostname}:${port}`;
    return { why: `not a listing on ${HOST}, but on ${where}` };
  }
  const slug = LISTING.exec(pathname)?.[1]?.toLowerCase();
  return slug === undefined
    ? { why: `not the address of a listing (https://${HOST}/listing/…/)` }
    : { url: `https://${HOST}/listing/${slug}/` };
}

/** A listing whose address has changed answers under the old one, too: its canonical link has the new. */
export function listingUrlOf({ body }: Page): string | null {
  const link = canonicalLink(body);
  return link !== null && URL.canParse(link) ? listingUrl(new URL(link)) : null;
}

/** The last part of a listing's address: "1932-ford-roadster-242". */
export function slugOf(url: string): string {
  return url.replace(/\/$/, "").split("/").at(-1) ?? "";
}
