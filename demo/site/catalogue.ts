import { hostOf } from "../../supabase/functions/_shared/domain/host.ts";
import { buildListing, type BuildOptions } from "./build.ts";
import { AUCTION_HOST, createExtras } from "./extras.ts";
import { type FollowedCar, followedCars } from "./followed.ts";
import { HOSTS } from "./hosts.ts";
import type { Listing } from "./listing.ts";

/** All listings of the outside world, made on request: hardly any is held in memory. */
export interface Catalogue {
  /** Hosts and how many listings each offers. */
  counts: Readonly<Record<string, number>>;
  /** The listing of a host by its number, 0 up to the host's count, or an extra's; null beyond. */
  at(host: string, index: number): Listing | null;
  /** The listing at a URL, or whose URL differs only in query, scheme or a last slash. */
  find(url: string): Listing | null;
  /** The counted listings, all of vehicles and no two of the same one. */
  all(): Generator<Listing>;
  /** Auctions beside the counted ones: of no vehicle, and of cars that come again. */
  extras(): Listing[];
  /** Cars beside all of these, whose listings change, end and come back; none where a host of theirs has no count. */
  followed(): FollowedCar[];
}

interface CatalogueOptions extends BuildOptions {
  counts: Readonly<Record<string, number>>;
  /** Auctions of no vehicle; 10 by default. */
  nonVehicles?: number;
  /** Cars that were auctioned twice; 4 by default. */
  relistings?: number;
}

/** A catalogue of `counts` listings a host (hosts of hosts.ts). The same options give the same listings. */
export function createCatalogue(options: CatalogueOptions): Catalogue {
  const profiles = new Map(HOSTS.map((profile) => [profile.host, profile]));
  const extras = createExtras(options, {
    count: options.counts[AUCTION_HOST] ?? 0,
    nonVehicles: options.nonVehicles ?? 10,
    relistings: options.relistings ?? 4,
  });
  let cars: FollowedCar[] | null = null;
  const followed = () => cars ??= followedCars(options);
  const beside = (host: string, index: number): Listing | null =>
    followed().flatMap(({ listings }) => listings)
      .find((it) => it.host === host && it.index === index) ?? null;
  const at = (host: string, index: number): Listing | null => {
    const profile = profiles.get(host);
    if (!profile || !(index >= 0)) return null;
    if (index < (options.counts[host] ?? 0)) return buildListing(options, profile, index);
    return (host === AUCTION_HOST ? extras.at(index) : null) ?? beside(host, index);
  };
  return {
    counts: options.counts,
    at,
    find(url) {
      const parsed = URL.canParse(url) ? new URL(url) : null;
      const number = parsed?.pathname.match(/[-/](\d+)(?:\.html)?\/?$/)?.[1];
      if (!parsed || number === undefined) return null;
      const host = hostOf(parsed);
      const listing = at(host, Number(number) - (profiles.get(host)?.firstNumber ?? 0));
      const path = (text: string) => new URL(text).pathname.replace(/\/$/, "");
      return listing && path(listing.url) === path(url) ? listing : null;
    },
    *all() {
      for (const [host, count] of Object.entries(options.counts)) {
        for (let index = 0; index < count; index++) {
          const listing = at(host, index);
          if (listing) yield listing;
        }
      }
    },
    extras: () => extras.all(),
    followed,
  };
}
