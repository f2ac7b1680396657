/** What the sites answer. */
import { html } from "../../site/answers.ts";
import { cloudflareWall, removed } from "../../site/markup/walls.ts";
import type { MirrorTarget } from "../../site/mirror.ts";
import { listAnswer } from "./lists.ts";
import { numberIn } from "./listing.ts";
import { fillPage } from "./pages.ts";
import { type FillSite, siteOfHost, standing } from "./plan.ts";

/** The moment that the sites live in. */
export interface SiteTime {
  slot: number;
  /** Midnight of the day, epoch milliseconds. */
  dayStart: number;
}

/** The slots in which the failing site fails: from six until ten. */
const isFailing = (site: FillSite, slot: number): boolean =>
  site.behaviour === "failing" && slot >= 3 && slot < 5;

const gone = (): Response => html(removed(), 404);

/** Answers one request; a host that is none of the sites knows nothing. */
export function fillAnswer(target: MirrorTarget, { slot, dayStart }: SiteTime): Response {
  const site = siteOfHost(target.host);
  if (site === null) return gone();
  if (isFailing(site, slot)) return html("<h1>We are working on it</h1>", 503);
  if (site.behaviour === "walled" && target.path !== "/robots.txt") {
    return html(cloudflareWall(site.host), 403);
  }
  const list = listAnswer({ site, slot, dayStart }, target.path, target.search);
  if (list !== null) return list;
  const n = numberIn(site, target.path);
  return n === null || n >= standing(site, slot) ? gone() : html(fillPage(site, n, slot));
}
