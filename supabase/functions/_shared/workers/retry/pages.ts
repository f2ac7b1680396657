import type { BytesResult, Fetcher, FetchResult, PageOptions } from "../../fetching/fetcher.ts";
import type { PageLookup } from "../../fetching/page_lookup.ts";
import type { SnapshotReader, SnapshotReading } from "../backfill/read_snapshot.ts";
import { type Reading, readListing } from "../scrape/read_listing.ts";

/** A fetcher that asks for each of these pages once, however often it is asked to. */
class AskOnce implements Fetcher {
  readonly lookup: PageLookup;
  readonly #asked = new Map<string, Promise<FetchResult>>();

  constructor(private readonly fetcher: Fetcher, private readonly urls: ReadonlySet<string>) {
    this.lookup = fetcher.lookup;
  }

  page(url: string, options?: PageOptions): Promise<FetchResult> {
    if (!this.urls.has(url)) return this.fetcher.page(url, options);
    return once(this.#asked, url, () => this.fetcher.page(url, options));
  }

  bytes(url: string, options?: { maxBytes?: number; accept?: string }): Promise<BytesResult> {
    return this.fetcher.bytes(url, options);
  }

  expect(urls: readonly string[]): void {
    this.fetcher.expect(urls);
  }

  flush(): Promise<void> {
    return this.fetcher.flush();
  }
}

function once<T>(held: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = held.get(key) ?? make();
  held.set(key, known);
  return known;
}

/** The pages of one run: several steps of one vehicle share one fetch and one look at its snapshot. */
export class SharedPages {
  /** For actions that fetch by themselves. */
  readonly fetcher: Fetcher;
  readonly #read = new Map<string, Promise<Reading>>();
  readonly #snapshots = new Map<string, Promise<SnapshotReading | null>>();

  /** @param shared pages that more than one step is after: held until the run ends. */
  constructor(
    fetcher: Fetcher,
    private readonly snapshotReader: SnapshotReader,
    private readonly shared: ReadonlySet<string>,
    private readonly keepSnapshot: boolean,
  ) {
    this.fetcher = new AskOnce(fetcher, shared);
  }

  /** What the site says now. Never throws for what a site does. */
  read(url: string): Promise<Reading> {
    const read = () => readListing(this.fetcher, url, { keepSnapshot: this.keepSnapshot });
    return this.shared.has(url) ? once(this.#read, url, read) : read();
  }

  /** What the scraper of today reads in the newest good snapshot; null without one. */
  ofSnapshot(url: string): Promise<SnapshotReading | null> {
    const read = () => this.snapshotReader.read(url);
    return this.shared.has(url) ? once(this.#snapshots, url, read) : read();
  }
}
