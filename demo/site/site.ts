import { type Catalogue } from "./catalogue.ts";
import { changed } from "./changes.ts";
import type { Fault } from "./faults.ts";
import { HOSTS } from "./hosts.ts";
import { imageBytes } from "./image/serve.ts";
import { html } from "./answers.ts";
import { renderListing } from "./markup/index.ts";
import { removed } from "./markup/walls.ts";
import type { Listing } from "./listing.ts";
import type { MirrorTarget } from "./mirror.ts";

/** Pages carry dates of the spring of 2026, a day later for each revision. */
const FIRST_MODIFIED = Date.UTC(2026, 2, 1);

/** The listing as its page shows it now: changed by hand, by a fault, or as in the catalogue. */
export function shown(catalogue: Catalogue, listing: Listing, fault: Fault | null): Listing {
  if (fault?.kind !== "page_says") return listing;
  const other = catalogue.at(listing.host, listing.index === 0 ? 1 : 0);
  return changed(listing, fault.change, other);
}

function notModified(request: Request, etag: string, modified: Date): boolean {
  const match = request.headers.get("if-none-match");
  if (match !== null) return match.split(",").some((it) => it.trim().replace(/^W\//, "") === etag);
  const since = Date.parse(request.headers.get("if-modified-since") ?? "");
  return !Number.isNaN(since) && modified.getTime() <= since;
}

/** A listing's page with validators, or 304 to who holds it already. */
export function pageAnswer(request: Request, listing: Listing, heavy: boolean): Response {
  const etag = `"${listing.host}-${listing.index}-r${listing.revision}"`;
  const modified = new Date(FIRST_MODIFIED + listing.revision * 86_400_000);
  const headers = { etag, "last-modified": modified.toUTCString(), "cache-control": "max-age=60" };
  if (notModified(request, etag, modified)) return new Response(null, { status: 304, headers });
  return html(renderListing(listing, heavy), 200, headers);
}

/** The host whose images stand here, and the numbers of listing and picture that a path names. */
export function imageOwner(
  target: MirrorTarget,
): { host: string; index: number; picture: number } | null {
  const match = target.path.match(/-(\d+)-(\d+)(?:-copy)?\.(?:jpe?g|png)$/);
  if (!match) return null;
  const profile = HOSTS.find((it) => new URL(it.imageUrl("x", 0, 1, false)).host === target.host);
  return profile
    ? { host: profile.host, index: Number(match[1]), picture: Number(match[2]) }
    : null;
}

/** An image of a listing's gallery; 404 for any other. */
export function imageAnswer(target: MirrorTarget, listing: Listing | null): Response {
  const image = listing?.images.find((it) => new URL(it.url).pathname === target.path);
  if (!listing || !image) return html(removed(), 404);
  const name = `${listing.host}/${listing.index}/${image.picture}`;
  const query = new URLSearchParams(target.search);
  const { bytes, type } = imageBytes(target.path, query, name, listing.car.paint.rgb);
  return new Response(bytes, {
    headers: { "content-type": type, etag: `"${image.picture}-${bytes.length}"` },
  });
}

/** robots.txt of a host; 404 where it has none. */
export function robotsAnswer(host: string): Response {
  const name = host.replace(/^www\./, "");
  const robots = HOSTS.find((profile) => profile.host === name)?.robots ?? null;
  return robots === null
    ? html(removed(), 404)
    : new Response(robots, { headers: { "content-type": "text/plain" } });
}
