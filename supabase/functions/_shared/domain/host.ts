/**
 * The host that an address belongs to: lower case, without `www.` and the final dot; `""` when it is
 * no address. It is the key of `source_hosts`; `private.url_host` is the same rule in SQL.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(hostOf("https://WWW.BringATrailer.com./listing/x/"), "bringatrailer.com");
 * assert.equal(hostOf("https://greenville.craigslist.org/search/cta"), "greenville.craigslist.org");
 * assert.equal(hostOf("no address"), "");
 * ```
 */
export function hostOf(address: string | URL): string {
  if (typeof address === "string" && !URL.canParse(address)) return "";
  return hostName(new URL(address)).replace(/^(www\.)+(?=.)/, "");
}

/** The name of a URL's host as it is resolved: lower case, with `www.`, without the final dot. */
export function hostName(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.+$/, "");
}

/** Whether a host is one of these or a subdomain of one. */
export function isHostOf(host: string, hosts: readonly string[]): boolean {
  return hosts.some((one) => host === one || host.endsWith(`.${one}`));
}

/** The path of an address, without its query; `"/"` when it has none. */
export function pathOf(url: string): string {
  return /^https?:\/\/[^/]+(\/[^?#]*)/i.exec(url)?.[1] ?? "/";
}
