import type { DatabaseClient } from "../database/client.ts";
import { hostDatabase } from "../database/hosts.ts";
import type { NewestSnapshot } from "../database/snapshots.ts";
import type { ServingMaps } from "../domain/serving_maps.ts";
import { Lookahead } from "./coalesce.ts";
import { Preparation } from "./preparation.ts";

/** What is kept of pages, and what reads them. What is wanted together costs one call. */
export interface PageLookup {
  /** The newest good snapshot of a listing, and the listing's canonical URL. @throws DatabaseError */
  newest(url: string): Promise<NewestSnapshot>;
  /** Listings whose newest snapshots will be wanted: the first brings those of all. */
  expect(urls: readonly string[]): void;
  /** The extraction maps that read pages besides their adapters, as a run sees them. @throws DatabaseError */
  maps(): Promise<ServingMaps>;
}

/** For a run that asks no site. */
export function pageLookup(database: DatabaseClient): PageLookup {
  const preparation = new Preparation(hostDatabase(database), crypto.randomUUID(), () => 0);
  const newest = new Lookahead((url: string) => preparation.newest(url));
  return {
    newest: (url) => newest.load(url),
    expect: (urls) => newest.expect(urls),
    maps: () => preparation.maps(),
  };
}
