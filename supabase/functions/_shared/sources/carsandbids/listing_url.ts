import { hostName, isHostOf } from "../../domain/host.ts";

export const HOST = "carsandbids.com";
const AUCTION = /^\/auctions\/[\w-]{3,200}(?:\/[^/]{1,200})?\/?$/;

/**
 * The one spelling of an auction's address; null for any other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const url = new URL("https://www.carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000/?ref=1");
 * assert.equal(listingUrl(url), "https://carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000");
 * ```
 */
export function listingUrl(url: URL): string | null {
  return isHostOf(hostName(url), [HOST]) && AUCTION.test(url.pathname)
    ? `https://${HOST}${url.pathname.replace(/\/$/, "")}`
    : null;
}
