/** Made-up sites whose listings change price, end and come back: the same for whoever looks at them. */

/** What a site's index page says: all of its listings or the newest, with prices or without. */
interface SiteKind {
  names: "all" | "the newest";
  prices: boolean;
}

export interface SimulatedSite extends SiteKind {
  host: string;
  kind: "dealer" | "classified";
  /** Share of all listings. */
  share: number;
  /** How much more happens here than on a middling site. */
  haste: number;
  /** Requests that its pace allows in an hour. */
  perHour: number;
}

type Change = "price" | "end" | "back";

/** One listing, as it really is; hours since the simulation began. */
export interface SimulatedListing {
  site: number;
  bornAt: number;
  /** In order of time. */
  changes: { at: number; what: Change }[];
}

/** How many listings stand at the head of an index of the newest. */
export const NEWEST = 120;

const DAY = 24;
/** A day in the life of a middling listing: chances of an end and of another price, when it is old. */
const ENDS_A_DAY = 0.02;
const PRICES_A_DAY = 0.025;
/** How many times more happens on the first day. */
const YOUNG = 4;
const GROWS_OLD_DAYS = 10;
/** Of those that end, so many come back within ten days. */
const COMES_BACK = 0.1;

/** Chance as it is drawn from a seed: mulberry32, T. Ettinger. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Twenty sites: haste from a third to three times the middle, one in fifteen to one in fifty of all listings. */
export function simulatedSites(): SimulatedSite[] {
  const kinds: SiteKind[] = [
    { names: "all", prices: true },
    { names: "the newest", prices: true },
    { names: "all", prices: false },
    { names: "the newest", prices: false },
    { names: "the newest", prices: true },
  ];
  const weights = Array.from({ length: 20 }, (_, n) => 1 / (1 + n / 6));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, n) => ({
    ...kinds[n % kinds.length] ?? { names: "the newest", prices: false },
    host: `site-${n}.example`,
    kind: n % 3 === 0 ? "classified" : "dealer",
    share: weight / sum,
    // Scattered, so that haste goes neither with size nor with the kind of index.
    haste: 10 ** (((n * 7) % 20) / 19 - 0.5),
    perHour: n % 4 === 3 ? 180 : 360,
  }));
}

function lifeOf(bornAt: number, haste: number, until: number, random: () => number) {
  const changes: SimulatedListing["changes"] = [];
  const most = (ENDS_A_DAY + PRICES_A_DAY) * YOUNG * haste / DAY;
  let born = bornAt;
  let at = bornAt;
  for (;;) {
    at += -Math.log(1 - random()) / most;
    if (at > until) return changes;
    const age = (at - born) / DAY;
    const youth = (1 + (YOUNG - 1) * Math.exp(-age / GROWS_OLD_DAYS)) / YOUNG;
    if (random() > youth) continue;
    if (random() < PRICES_A_DAY / (ENDS_A_DAY + PRICES_A_DAY)) {
      changes.push({ at, what: "price" });
      continue;
    }
    changes.push({ at, what: "end" });
    if (random() > COMES_BACK) return changes;
    at += DAY * (1 + 9 * random());
    if (at > until) return changes;
    changes.push({ at, what: "back" });
    born = at;
  }
}

/** Listings that stand there at some time in `days`; those that ended before are none. */
export function simulatedListings(
  sites: readonly SimulatedSite[],
  count: number,
  days: number,
  seed: number,
): SimulatedListing[] {
  const random = chance(seed);
  const listings: SimulatedListing[] = [];
  while (listings.length < count) {
    let draw = random();
    const site = sites.findIndex(({ share }) => (draw -= share) < 0);
    const bornAt = (random() * 2 - 1) * days * DAY;
    const changes = lifeOf(bornAt, sites[site]?.haste ?? 1, days * DAY, random);
    const ended = changes.at(-1)?.what === "end" && (changes.at(-1)?.at ?? 0) < 0;
    const away = changes.some(({ at, what }, n) =>
      what === "end" && at < 0 && (changes[n + 1]?.at ?? 0) >= 0
    );
    if (site < 0 || ended || away) continue;
    listings.push({ site, bornAt, changes: changes.filter(({ at }) => at >= 0) });
  }
  return listings;
}
