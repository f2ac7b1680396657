import { hostName, isHostOf } from "../../domain/host.ts";

/** Longest address that is looked at. */
const LONGEST = 2_000;

/**
 * An address of a page made absolute against the page's own; `null` unless it is plain http(s)
 * without user, password or port. An index is hostile: what it links to is checked before it is kept.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(safeUrl("/listing/1#x", "http://cars.example/")?.href, "https://cars.example/listing/1");
 * assert.equal(safeUrl("https://user:word@cars.example/", "https://cars.example/"), null);
 * ```
 */
export function safeUrl(href: string | null | undefined, base: string): URL | null {
  const text = href?.trim() ?? "";
  if (text === "" || text.length > LONGEST || /[\s\\<>"]/.test(text)) return null;
  try {
    const url = new URL(text, base);
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    if (url.username !== "" || url.password !== "" || url.port !== "") return null;
    url.hostname = hostName(url);
    url.protocol = "https:";
    url.hash = "";
    return url;
  } catch {
    return null;
  }
}

/** The address of a picture on one of the hosts; `null` for any other. */
export function pictureUrl(
  src: string | null | undefined,
  base: string,
  hosts: readonly string[],
): string | null {
  const url = safeUrl(src, base);
  return url !== null && isHostOf(hostName(url), hosts) ? url.href : null;
}

const NEXT =
  /<(?:a|link)\b(?=[^<>]{0,1000}\b(?:rel\s*=\s*["']?next\b|class\s*=\s*["'][^"'<>]{0,100}\bnext\b))[^<>]{0,1000}\bhref\s*=\s*["']([^"'<>]{1,2000})["']/gi;

/** The address of the next page that a page links as such, if it is on the same host and another one. */
export function nextPage(html: string, base: string): string | null {
  const here = safeUrl(base, base);
  if (here === null) return null;
  for (const [, href = ""] of html.slice(0, 3_000_000).matchAll(NEXT)) {
    const url = safeUrl(href.replaceAll("&amp;", "&"), base);
    if (url !== null && url.hostname === here.hostname && url.href !== here.href) return url.href;
  }
  return null;
}
