import { olderSnapshots } from "../../database/backfill.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { type Snapshot, snapshotDatabase } from "../../database/snapshots.ts";
import type { Page } from "../../domain/page.ts";
import type { ServingMaps } from "../../domain/serving_maps.ts";
import { extractionHash } from "../../extraction/hash.ts";
import type { PageLookup } from "../../fetching/page_lookup.ts";
import { loadSnapshot } from "../../fetching/snapshots/snapshots.ts";
import { extract, listingUrlOf } from "../../sources/registry.ts";
import type { Reading } from "../scrape/read_listing.ts";

/** A reading of a snapshot. */
export type SnapshotReading = Extract<Reading, { kind: "read" }>;

/** Reads listings from their snapshots, without asking their sites. */
export interface SnapshotReader {
  /**
   * The newest good snapshot of a listing that is a listing: a wall, a shell or a notice of removal
   * that was kept does not hide the page from before. Null when there is none.
   * @throws DatabaseError
   */
  read(url: string): Promise<SnapshotReading | null>;
  /** Listings that will be read: the first brings the look-ups of all. */
  expect(urls: readonly string[]): void;
}

function readPage(page: Page, snapshotId: string, maps: ServingMaps): SnapshotReading | null {
  const begun = Date.now();
  const extraction = extract(page, maps);
  if (extraction.outcome !== "listing") return null;
  return {
    kind: "read",
    outcome: "not_modified",
    from: "snapshot",
    listingUrl: listingUrlOf(page),
    extraction,
    hash: extractionHash(extraction),
    pageAt: page.fetchedAt,
    snapshotId,
    ms: Date.now() - begun,
  };
}

/**
 * Snapshots behind the REST and Storage API.
 * @param lookup what looks for them: that of the run's fetcher, where it has one.
 */
export function snapshotReader(database: DatabaseClient, lookup: PageLookup): SnapshotReader {
  const snapshots = snapshotDatabase(database);

  const readOne = async (url: string, one: Snapshot): Promise<SnapshotReading | null> => {
    const page = await loadSnapshot(snapshots, one);
    return page === null ? null : readPage({ ...page, url }, one.id, await lookup.maps());
  };

  return {
    expect: (urls) => lookup.expect(urls),
    async read(url) {
      const { snapshot } = await lookup.newest(url);
      if (snapshot === null) return null;
      const reading = await readOne(url, snapshot);
      if (reading !== null) return reading;
      for (const older of await olderSnapshots(database, url, snapshot.id)) {
        const before = await readOne(url, older);
        if (before !== null) return before;
      }
      return null;
    },
  };
}
