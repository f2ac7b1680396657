/** An address of the outside world as it stands in a request to the mirror. */
export interface MirrorTarget {
  scheme: "http" | "https";
  /** Host name, with its port where it has one. */
  host: string;
  path: string;
  search: string;
}

/**
 * Reads `/https/bringatrailer.com/listing/x/?a=b`, the form in which a fetcher with
 * SOURCE_MIRROR_URL sends `https://bringatrailer.com/listing/x/?a=b`; null for any other path.
 */
export function mirrorTarget(requestUrl: string): MirrorTarget | null {
  const url = new URL(requestUrl);
  const match = url.pathname.match(/^\/(https?)\/([^/]+)(\/.*)?$/);
  if (!match) return null;
  return {
    scheme: match[1] === "http" ? "http" : "https",
    host: decodeURIComponent(match[2] ?? "").toLowerCase(),
    path: match[3] ?? "/",
    search: url.search,
  };
}

/** The mirror's address for a real one. Throws where `real` is no URL. */
export function mirrorUrl(mirror: string, real: string): string {
  const { protocol, host, pathname, search } = new URL(real);
  return `${mirror.replace(/\/$/, "")}/${protocol.replace(":", "")}/${host}${pathname}${search}`;
}

/** What names an address among faults and counts: host and path, without query and last slash. */
export const addressKey = (host: string, path: string): string =>
  `${host.replace(/^www\./, "")}${path.replace(/\/$/, "")}`;

/** The key of a real URL. Throws where it is none. */
export function keyOf(real: string): string {
  const url = new URL(real);
  return addressKey(url.host.toLowerCase(), url.pathname);
}
