import { hostName } from "../../domain/host.ts";
import { isAddress, isPublicAddress, withoutBrackets } from "./public_address.ts";

/** Longest URL that is fetched, in characters. */
export const MAX_URL_LENGTH = 2048;

type UrlCheck = { ok: true; url: URL } | { ok: false; reason: string };

/** Names that never mean a host on the public internet (RFC 6761, RFC 8375, ICANN's .internal). */
const INNER_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa|onion|alt)$/;

/**
 * Whether a URL may be fetched at all, by its text alone: http or https, no credentials, port 80 or
 * 443, and a host that is a public name or address. Decimal, octal, hexadecimal and full-width
 * spellings of an address are read as what they are (the URL parser does so). The name is not
 * resolved here: see `checkHost`.
 * @param base the URL that redirected here, for a relative `Location`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const check = checkUrl("https://cars.example.com/listing/1#photos");
 * assert.equal(check.ok && check.url.href, "https://cars.example.com/listing/1");
 *
 * assert.deepEqual(checkUrl("http://0x7f000001/"), {
 *   ok: false,
 *   reason: "127.0.0.1 is not a public address",
 * });
 * assert.deepEqual(checkUrl("https://cars.example.com:8080/"), {
 *   ok: false,
 *   reason: "port 8080: only 80 and 443 are asked",
 * });
 * ```
 */
export function checkUrl(raw: string, base?: URL): UrlCheck {
  if (raw.length > MAX_URL_LENGTH) return refused(`longer than ${MAX_URL_LENGTH} characters`);
  let url: URL;
  try {
    url = base === undefined ? new URL(raw.trim()) : new URL(raw.trim(), base);
  } catch {
    return refused("not a URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refused(`only http and https are fetched, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") return refused("it holds credentials");
  if (url.port !== "" && url.port !== "80" && url.port !== "443") {
    return refused(`port ${url.port}: only 80 and 443 are asked`);
  }
  url.hash = "";
  const host = hostName(url);
  if (isAddress(host)) {
    return isPublicAddress(withoutBrackets(host))
      ? { ok: true, url }
      : refused(`${host} is not a public address`);
  }
  if (!host.includes(".") || INNER_NAMES.test(host)) {
    return refused(`${host} is not a public host name`);
  }
  return { ok: true, url };
}

/**
 * A redirect's target. Like `checkUrl`, and https never leads to http: the certificate is what
 * proves, after the name was resolved and checked, that the answer comes from that name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const from = new URL("https://cars.example.com/listing/1");
 * const check = checkRedirect("../2", from);
 * assert.equal(check.ok && check.url.href, "https://cars.example.com/2");
 * assert.equal(checkRedirect("http://cars.example.com/2", from).ok, false);
 * ```
 */
export function checkRedirect(location: string, from: URL): UrlCheck {
  const check = checkUrl(location, from);
  if (check.ok && from.protocol === "https:" && check.url.protocol === "http:") {
    return refused("a redirect from https to http");
  }
  return check;
}

function refused(reason: string): UrlCheck {
  return { ok: false, reason };
}
