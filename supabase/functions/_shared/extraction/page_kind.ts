import type { ExtractionOutcome } from "../domain/extraction.ts";
import { pathOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import { pageTitle } from "../html/visible_text.ts";
import { botWall } from "./bot_wall.ts";
import { removedNotice, whyAboutElse, whyShell } from "./page_about.ts";

/**
 * What a page is that is no listing to be read, and what becomes of it:
 *
 * - `blocked`: a bot wall, or the site refused.
 * - `removed`: the site says that what stood here is gone.
 * - `index`: several listings, a feed, a search.
 * - `no_vehicle`: one thing, but no vehicle (a sign, parts, a mobile home), a wish to buy one, or a
 *   page about something else.
 * - `shell`: the frame that a browser fills.
 * - `short`: a listing of the site that states less than the site's listings do: not understood,
 *   so that the source's drift is raised instead of half a vehicle written.
 * - `broken`: an error, nothing, or something cut off.
 * - `unknown`: none of these can be told.
 */
export const PAGE_KINDS = {
  blocked: "blocked",
  removed: "not_a_listing",
  index: "not_a_listing",
  no_vehicle: "not_a_listing",
  shell: "unreadable",
  short: "unreadable",
  broken: "unreadable",
  unknown: "unreadable",
} as const satisfies Readonly<Record<string, Exclude<ExtractionOutcome, "listing">>>;
export type PageKind = keyof typeof PAGE_KINDS;

export interface NoListing {
  kind: PageKind;
  /** The evidence, for a person: what the page says or holds. */
  reason: string;
}

/**
 * Says why a page cannot be a listing whatever its site: a bot wall, an error status, nothing in
 * it. `null` when the site's adapter must look.
 */
export function unusableResponse(page: Page): NoListing | null {
  const wall = botWall(page);
  if (wall !== null) {
    return { kind: "blocked", reason: `${wall.vendor} bot wall (${wall.evidence})` };
  }
  const { status } = page;
  if (status === 404 || status === 410) {
    return { kind: "removed", reason: `removed: the site answered ${status}` };
  }
  if (status === 403 || status === 429) {
    return { kind: "blocked", reason: `the site answered ${status}` };
  }
  if (status >= 400 || status < 200) {
    return { kind: "broken", reason: `the site answered ${status}` };
  }
  if (
    /^(?:image|video|audio|font)\/|^application\/(?:pdf|zip|octet-stream)/.test(page.contentType)
  ) {
    return { kind: "no_vehicle", reason: `not a page but ${page.contentType}` };
  }
  if (!/\S/.test(page.body)) return { kind: "broken", reason: "the page is empty" };
  return null;
}

const FEED = /<(?:rss|feed|rdf:RDF)\b/;

/** What gives away the other pages of a site. */
export interface SiteMarks {
  /** Markup that only its indexes have. */
  index?: RegExp;
  /** Markup that only its page for what was not found has. */
  removed?: RegExp;
  /** Markup that only its unfilled frame has. */
  shell?: RegExp;
  /** The path of every listing; at another address there is none. */
  listingPath?: RegExp;
  /** Types of the page's linked data, in lower case without their vocabulary. */
  types?: readonly string[];
}

/**
 * Says what a page is in which a site's adapter found no listing: removed, a shell, an index, about
 * something else; what cannot be told is `unknown`.
 */
export function whyNoListing(page: Page, marks: SiteMarks = {}): NoListing {
  const { body, url } = page;
  const title = pageTitle(body);
  if (FEED.test(body.slice(0, 1_000))) return { kind: "index", reason: "a feed, not a page" };
  const removed = removedNotice(body, title) ?? marks.removed?.exec(body)?.[0].slice(0, 60) ?? null;
  if (removed !== null) return { kind: "removed", reason: `removed: the page says "${removed}"` };
  const index = marks.index?.exec(body)?.[0];
  const shell = whyShell(body);
  if (shell !== null) return { kind: "shell", reason: shell };
  if (index !== undefined) {
    return { kind: "index", reason: `an index: the page has "${index.slice(0, 60)}"` };
  }
  if (marks.shell?.test(body)) {
    return { kind: "shell", reason: "a shell that a browser must fill: needs a browser" };
  }
  const path = pathOf(url);
  if (marks.listingPath !== undefined && !marks.listingPath.test(path)) {
    return { kind: "no_vehicle", reason: `not the address of a listing: ${path.slice(0, 100)}` };
  }
  const other = whyAboutElse(marks.types ?? [], title, url);
  if (other !== null) return { kind: "no_vehicle", reason: `no vehicle in the page: ${other}` };
  return {
    kind: "unknown",
    reason: `no vehicle in the page${title === "" ? "" : ` "${title.slice(0, 100)}"`}`,
  };
}
