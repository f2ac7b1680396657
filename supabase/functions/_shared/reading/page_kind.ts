import type { Page } from "../domain/page.ts";
import { botWall } from "./bot_wall.ts";

export interface RefusedPage {
  outcome: "blocked" | "not_a_listing" | "unreadable";
  /** Why, for a person. */
  reason: string;
}

/**
 * Says why a page cannot be a listing whatever its site: a bot wall, an error status, nothing in
 * it. `null` when the site's adapter must look.
 */
export function refusedPage(page: Page): RefusedPage | null {
  const wall = botWall(page);
  if (wall !== null) {
    return { outcome: "blocked", reason: `${wall.vendor} bot wall (${wall.evidence})` };
  }
  const { status } = page;
  if (status === 404 || status === 410) {
    return { outcome: "not_a_listing", reason: `removed: the site answered ${status}` };
  }
  if (status === 403 || status === 429) {
    return { outcome: "blocked", reason: `the site answered ${status}` };
  }
  if (status >= 400 || status < 200) {
    return { outcome: "unreadable", reason: `the site answered ${status}` };
  }
  if (
    /^(?:image|video|audio|font)\/|^application\/(?:pdf|zip|octet-stream)/.test(page.contentType)
  ) {
    return { outcome: "not_a_listing", reason: `not a page but ${page.contentType}` };
  }
  if (!/\S/.test(page.body)) return { outcome: "unreadable", reason: "the page is empty" };
  return null;
}
