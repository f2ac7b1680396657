import type { Markup } from "./listing.ts";

/** One website of the demo's outside world. Names under `.example` are reserved (RFC 2606). */
export interface HostProfile {
  host: string;
  markup: Markup;
  /** Listings offered when nothing else is asked for. */
  listings: number;
  path(slug: string, index: number): string;
  /** The number in the address of listing 0; 0 where it is not said. */
  firstNumber?: number;
  imageUrl(slug: string, index: number, picture: number, again: boolean): string;
  /** Body of /robots.txt; null answers 404. */
  robots: string | null;
}

const uploads =
  (host: string, extension: string) =>
  (slug: string, index: number, picture: number, again: boolean): string =>
    `https://${host}/${slug}-${index}-${picture}${again ? "-copy" : ""}.${extension}`;

const KSL_FIRST = 9_100_000;

export const HOSTS: readonly HostProfile[] = [
  {
    host: "bringatrailer.com",
    markup: "bringatrailer",
    listings: 200,
    path: (slug, index) => `/listing/${slug}-${index}/`,
    imageUrl: uploads("bringatrailer.com/wp-content/uploads/2026/04", "jpg"),
    robots: "User-agent: *\nDisallow: /wp-admin/\nDisallow: /account/\nAllow: /listing/\n",
  },
  {
    host: "classics.example",
    markup: "json_ld",
    listings: 48,
    path: (slug, index) => `/cars/${slug}-${index}`,
    imageUrl: uploads("photos.classics.example/stock", "jpg"),
    robots: "User-agent: *\nDisallow: /checkout/\n",
  },
  {
    host: "autos.example",
    markup: "microdata",
    listings: 36,
    // The last two listings of every twenty stand where robots.txt forbids to go.
    path: (slug, index) =>
      `/${index % 20 >= 18 ? "members-only" : "vehicle"}/${slug}-${index}.html`,
    imageUrl: uploads("autos.example/img", "png"),
    robots: "User-agent: *\nDisallow: /members-only/\n",
  },
  {
    // Offered only where it is asked for, as by DEMO_COUNTS.
    host: "cars.ksl.com",
    markup: "ksl",
    listings: 0,
    firstNumber: KSL_FIRST,
    path: (_, index) => `/listing/${KSL_FIRST + index}`,
    imageUrl: uploads("image.ksl.com/classifieds", "jpg"),
    robots: "User-agent: *\nDisallow: /myaccount/\n",
  },
  {
    host: "motors.example",
    markup: "poster",
    listings: 12,
    path: (slug, index) => `/offer/${slug}-${index}`,
    imageUrl: uploads("motors.example/media", "jpg"),
    robots: null,
  },
  {
    host: "slowlane.example",
    markup: "json_ld",
    listings: 4,
    path: (slug, index) => `/inventory/${slug}-${index}/`,
    imageUrl: uploads("cdn.slowlane.example/photos", "jpg"),
    robots: "User-agent: *\nCrawl-delay: 1\n",
  },
  {
    host: "walled.example",
    markup: "json_ld",
    listings: 3,
    path: (slug, index) => `/stock/${slug}-${index}`,
    imageUrl: uploads("walled.example/pictures", "jpg"),
    robots: null,
  },
];

/** Listings of each host when `startSite` is given no counts. */
export const DEFAULT_COUNTS: Readonly<Record<string, number>> = Object.fromEntries(
  HOSTS.filter(({ listings }) => listings > 0).map(({ host, listings }) => [host, listings]),
);

/** Listings of each host in the demo: those, and KSL's. */
export const DEMO_COUNTS: Readonly<Record<string, number>> = {
  ...DEFAULT_COUNTS,
  "cars.ksl.com": 60,
};
