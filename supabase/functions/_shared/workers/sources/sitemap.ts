import { readSitemap, type SitemapReading } from "../../extraction/index/sitemap.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { Failed, NotStarted, Validators } from "../../fetching/result.ts";

/** A sitemap as it was read. */
interface FetchedSitemap {
  kind: "sitemap";
  reading: SitemapReading;
  /** To ask next time only if it changed. */
  validators: Validators | null;
}

/**
 * Fetches a sitemap and reads it, as far as its size allows.
 * @param ifChanged what an earlier answer said of itself: then an unchanged one fails with `not_modified`.
 * @throws DatabaseError when the database fails.
 */
export async function fetchSitemap(
  fetcher: Pick<Fetcher, "bytes">,
  url: string,
  ifChanged: Validators | null = null,
): Promise<FetchedSitemap | Failed | NotStarted> {
  const fetched = await fetcher.bytes(url, {
    kind: "page",
    truncate: true,
    accept: "application/xml,text/xml,*/*;q=0.5",
    ...(ifChanged === null ? {} : { ifChanged }),
  });
  if (fetched.kind === "not_started" || fetched.kind === "failed") return fetched;
  const reading = await readSitemap(fetched.bytes, url, new Date().toISOString());
  return { kind: "sitemap", reading, validators: fetched.validators ?? null };
}
