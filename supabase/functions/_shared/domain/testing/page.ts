import type { Page } from "../page.ts";

/** A made-up answer of a site, as a test reads it. */
export function pageOf(body: string, url: string, status = 200): Page {
  return { url, status, contentType: "text/html", body, fetchedAt: "2026-05-01T00:00:00Z" };
}
