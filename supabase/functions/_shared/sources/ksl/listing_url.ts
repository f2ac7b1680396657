import { hostName, isHostOf } from "../../domain/host.ts";

export const HOST = "ksl.com";
const LISTING = /^\/(?:auto\/)?listing\/(\d{4,12})\/?$/;

/**
 * The one spelling of a listing's address; null for any other. The older site has its own, which
 * leads to the same cars.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const one = (url: string) => listingUrl(new URL(url));
 * assert.equal(one("https://cars.ksl.com/listing/3887365/"), "https://cars.ksl.com/listing/3887365");
 * assert.equal(one("https://ksl.com/listing/3887365"), "https://www.ksl.com/auto/listing/3887365");
 * assert.equal(one("https://cars.ksl.com/search/make/Toyota"), null);
 * ```
 */
export function listingUrl(url: URL): string | null {
  const id = LISTING.exec(url.pathname)?.[1];
  if (id === undefined || !isHostOf(hostName(url), [HOST])) return null;
  return hostName(url) === `cars.${HOST}`
    ? `https://cars.${HOST}/listing/${id}`
    : `https://www.${HOST}/auto/listing/${id}`;
}
