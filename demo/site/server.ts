import { faultyAnswer, html } from "./answers.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { type Corpus, corpusAnswer, openCorpus } from "./corpus.ts";
import { type Fault, FaultBook, type When } from "./faults.ts";
import { DEFAULT_COUNTS } from "./hosts.ts";
import { createIndexes } from "./indexes.ts";
import { indexPage } from "./markup/index_page.ts";
import { removed } from "./markup/walls.ts";
import type { Listing } from "./listing.ts";
import { type HostStats, RequestLog, type RequestRecord } from "./log.ts";
import { addressKey, keyOf, type MirrorTarget, mirrorTarget } from "./mirror.ts";
import { imageAnswer, imageOwner, pageAnswer, robotsAnswer, shown } from "./site.ts";
import { type Truth, truthOf } from "./truth.ts";

export interface SiteOptions {
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  port?: number;
  /** Another seed gives other cars. */
  seed?: string;
  /** Listings of each host (hosts.ts); for example `{ "bringatrailer.com": 2000 }` and nothing else. */
  counts?: Readonly<Record<string, number>>;
  /** Auction pages as heavy as real ones (400–660 KB), with their many comments, bids and images. */
  heavy?: boolean;
  /** Least and most images of an auction; 1 and 3 by default, 60 and 120 when heavy. */
  images?: readonly [number, number];
  /** Auctions of no vehicle, and cars that were auctioned twice (extras.ts). */
  nonVehicles?: number;
  relistings?: number;
  /** Cards on an index page; 36 by default, as on the real one. */
  cardsPerPage?: number;
  /** Milliseconds; the day from which auctions are dated. */
  now?: number;
  /** A folder of saved pages: these are served, at the addresses of its manifest, and nothing else. */
  corpus?: string;
}

/** A running outside world. */
export interface Site {
  /** What SOURCE_MIRROR_URL is set to. */
  url: string;
  catalogue: Catalogue;
  /** Set in corpus mode. */
  corpus: Corpus | null;
  /** Every request, oldest first. */
  requests: readonly RequestRecord[];
  stats(): Record<string, HostStats>;
  /** How often a real URL was asked for, whatever its query. */
  count(realUrl: string): number;
  clearLog(): void;
  /** Sets or removes (null) the fault of a real URL: a page, an image, a robots.txt. */
  setFault(realUrl: string, fault: Fault | null, when?: When): void;
  /** The same for every address of a host. */
  setHostFault(host: string, fault: Fault | null, when?: When): void;
  /**
   * A fault of every so-many-th picture of each gallery of a host (3: the third, the sixth …), at
   * each request until it is removed.
   */
  setImageFault(listingHost: string, fault: Fault | null, every?: number): void;
  clearFaults(): void;
  /** What the page at a real URL states now; null where no listing stands. */
  truth(realUrl: string): Truth | null;
  /** Real URLs that the first page of Bring a Trailer's results, its live auctions, or its feed name now. */
  listed(list: "completed" | "current" | "feed"): string[];
  stop(): Promise<void>;
}

/** Starts the site. Throws where the port is taken or the corpus folder cannot be read. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const catalogue = createCatalogue({
    seed: options.seed ?? "demo",
    counts: options.counts ?? DEFAULT_COUNTS,
    now: options.now ?? Date.now(),
    busy: options.heavy ?? false,
    images: options.images,
    nonVehicles: options.nonVehicles,
    relistings: options.relistings,
  });
  const corpus = options.corpus === undefined ? null : await openCorpus(options.corpus);
  const faults = new FaultBook();
  const log = new RequestLog();

  const listingAt = (target: MirrorTarget): Listing | null =>
    catalogue.find(`${target.scheme}://${target.host}${target.path}`);

  const faultOf = (listing: Listing): Fault | null => faults.peek(keyOf(listing.url), listing.host);
  const indexes = createIndexes(
    catalogue,
    (listing) => shown(catalogue, listing, faultOf(listing)),
    (url) => faults.peek(keyOf(url))?.kind === "page_says",
    options.cardsPerPage,
  );
  const imageFaults = new Map<string, { fault: Fault; every: number }>();
  const imageFault = (target: MirrorTarget): Fault | null => {
    const owner = imageFaults.size > 0 ? imageOwner(target) : null;
    const set = owner && imageFaults.get(owner.host);
    return set && owner.picture % set.every === 0 ? set.fault : null;
  };

  const answer = async (
    request: Request,
    target: MirrorTarget,
    fault: Fault | null,
  ): Promise<Response> => {
    if (corpus) return await corpusAnswer(corpus, target);
    if (target.path === "/robots.txt") return robotsAnswer(target.host);
    const owner = imageOwner(target);
    if (owner) return imageAnswer(target, catalogue.at(owner.host, owner.index));
    const index = indexes.answer(request, target);
    if (index) return index;
    const listing = listingAt(target);
    return listing
      ? pageAnswer(request, shown(catalogue, listing, fault), options.heavy ?? false)
      : html(removed(), 404);
  };

  const handle = async (request: Request): Promise<Response> => {
    const target = mirrorTarget(request.url);
    if (!target) return html(indexPage(catalogue, corpus));
    const end = log.begin(target, request);
    let status = 500;
    try {
      const fault = faults.take(addressKey(target.host, target.path), target.host) ??
        imageFault(target);
      const normal = () => answer(request, target, fault);
      const response = fault ? await faultyAnswer(fault, target, normal) : await normal();
      status = response.status;
      return response;
    } finally {
      end(status);
    }
  };

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    onListen: () => {},
  }, handle);

  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    catalogue,
    corpus,
    requests: log.records,
    stats: () => log.stats(),
    count: (realUrl) => log.count(realUrl),
    clearLog: () => log.clear(),
    setFault: (realUrl, fault, when) => faults.set(keyOf(realUrl), fault, when),
    setHostFault: (host, fault, when) => faults.set(host, fault, when),
    setImageFault: (host, fault, every = 3) => {
      if (fault) imageFaults.set(host, { fault, every });
      else imageFaults.delete(host);
    },
    clearFaults: () => {
      faults.clear();
      imageFaults.clear();
    },
    truth: (realUrl) => {
      const listing = catalogue.find(realUrl);
      return listing && truthOf(shown(catalogue, listing, faultOf(listing)));
    },
    listed: (list) => indexes.listed(list).map((listing) => listing.url),
    stop: () => server.shutdown(),
  };
}
