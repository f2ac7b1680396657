import { hostName, isHostOf } from "../../domain/host.ts";

export const HOST = "craigslist.org";
/** `/gsp/cto/d/town-words/7404047956.html`, also without "/d/", and since 2026 `/view/d/words/id`. */
const POST =
  /^(?:\/[a-z]{3}){1,2}(?:\/d\/[^/]{1,200})?\/\d{6,12}\.html$|^\/view\/d\/[^/]{1,200}\/[\w-]{8,40}\/?$/i;

/**
 * The one spelling of a post's address; null for any other. Each city has a host of its own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const url = new URL("https://greenville.craigslist.org/gsp/cto/d/easley-truck/7404047956.html#x");
 * assert.equal(
 *   listingUrl(url),
 *   "https://greenville.craigslist.org/gsp/cto/d/easley-truck/7404047956.html",
 * );
 * ```
 */
export function listingUrl(url: URL): string | null {
  return isHostOf(hostName(url), [HOST]) && POST.test(url.pathname)
    ? `https://${hostName(url)}${url.pathname.replace(/\/$/, "")}`
    : null;
}
