import type { DatabaseClient } from "../../database/client.ts";
import { snapshotDatabase } from "../../database/snapshots.ts";
import { type Candidate, sampleListings } from "../../database/source_candidates.ts";
import { sellerSites } from "../../extraction/seller_sites.ts";
import { loadSnapshot } from "../../fetching/snapshots/snapshots.ts";

/** Snapshots that one call looks into: no site is asked for them. */
const PAGES = 20;

/**
 * The sites that some snapshots of marketplaces name as their sellers' own, drawn by lot.
 * @param deadline epoch milliseconds after which no page is begun.
 * @throws DatabaseError
 */
export async function namedBySnapshots(
  database: DatabaseClient,
  deadline: number,
): Promise<Candidate[]> {
  const urls = await sampleListings(database, PAGES);
  if (urls.length === 0) return [];
  const snapshots = snapshotDatabase(database);
  const found: Candidate[] = [];
  for (const { url, snapshot } of await snapshots.newest(urls)) {
    if (Date.now() >= deadline) break;
    const page = snapshot === null ? null : await loadSnapshot(snapshots, snapshot);
    for (const site of page === null ? [] : sellerSites(page)) {
      found.push({
        url: site,
        found_by: "page_link",
        reason: `named as the seller's own site on ${url}`,
      });
    }
  }
  return found;
}
