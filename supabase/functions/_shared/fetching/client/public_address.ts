import ipaddr from "ipaddr.js";

/**
 * Whether an IP address belongs to a host on the public internet: not loopback, private, link-local,
 * shared (CGNAT), unique-local, multicast, reserved, documentation, nor one that carries an IPv4
 * address in itself (mapped, NAT64, 6to4, Teredo), which would lead around this check.
 * Ranges: IANA special-purpose address registries (RFC 6890), as in ipaddr.js.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(isPublicAddress("93.184.215.14"), true);
 * assert.equal(isPublicAddress("169.254.169.254"), false);
 * assert.equal(isPublicAddress("::ffff:10.0.0.1"), false);
 * ```
 */
export function isPublicAddress(text: string): boolean {
  let address: ipaddr.IPv4 | ipaddr.IPv6;
  try {
    address = ipaddr.parse(text);
  } catch {
    return false;
  }
  if (address.range() !== "unicast") return false;
  // Of IPv6 only 2000::/3 is given out; the library calls unassigned space unicast too.
  return address.kind() === "ipv4" || address.match(ipaddr.parseCIDR("2000::/3"));
}

/** Whether a host of a URL is an IP address rather than a name; IPv6 with or without brackets. */
export function isAddress(host: string): boolean {
  // Nearly every host is a name, which has another letter than a number may have.
  if (!host.includes(":") && /[^\da-fx.]/i.test(host)) return false;
  return ipaddr.isValid(withoutBrackets(host));
}

/** `[::1]` as `::1`. */
export function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
