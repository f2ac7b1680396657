/** Ninety days of looking at made-up sites, an hour at a time, each host at its pace. */
import { NEWEST, type SimulatedListing, type SimulatedSite } from "./freshness_world.ts";

/** One look, or one entry of an index, after which somebody decides when the next look is. */
export interface Seen {
  site: number;
  /** When it was born or came back. */
  bornAt: number;
  /** When its price and status were known before. */
  knownAt: number;
  /** When the next look stands. */
  next: number;
  says: "looked" | "the same" | "named" | "another";
  changed: boolean;
}

/** Who decides; times are hours since the simulation began. */
export interface Scheduler {
  /** Whether an index page counts as a look. */
  usesIndex: boolean;
  /** When each of these is looked at next. */
  next(at: number, seen: readonly Seen[]): Promise<number[]> | number[];
  /** Called every twelve hours, with the listings held as for sale. */
  learn?(at: number, open: () => Iterable<{ site: number; bornAt: number }>): Promise<void>;
}

/** What ninety days came to. */
export interface Freshness {
  /** Changes of status and price, how many of each there were and were known within 48 hours. */
  status: { all: number; inTime: number };
  price: { all: number; inTime: number };
  /** Of the hours of all listings, those in which what was held was true. */
  timeRight: number;
  /** Pages asked for to look again; new listings are asked for besides, by whoever looks. */
  requests: number;
  /** Looks that an index page gave. */
  indexLooks: number;
  /** The most that any host was asked in an hour, of what its pace allows. */
  busiest: number;
}

const SOON = 48;
const INDEX_EVERY = 6;
const LEARN_EVERY = 12;
/** An index look within so many hours of another is none: as private.note_index_looks() has it. */
const NEWS = 12;

interface Planned extends Seen {
  listing: number;
}

interface Held {
  known: boolean;
  open: boolean;
  knownAt: number;
  /** When it was seen to stand there, whatever it asked. */
  seenAt: number;
  next: number;
  /** How many changes have been seen, and how many have happened. */
  seen: number;
  happened: number;
  standing: boolean;
  bornAt: number;
  /** Since when what is held is wrong; null while it is right. */
  wrongSince: number | null;
  lastBackLook: number;
}

/** Plays all days for one scheduler. */
export async function play(
  sites: readonly SimulatedSite[],
  listings: readonly SimulatedListing[],
  days: number,
  scheduler: Scheduler,
): Promise<Freshness> {
  const end = days * 24;
  const result: Freshness = {
    status: { all: 0, inTime: 0 },
    price: { all: 0, inTime: 0 },
    timeRight: 0,
    requests: 0,
    indexLooks: 0,
    busiest: 0,
  };
  const held: Held[] = listings.map(({ bornAt }) => ({
    known: bornAt < 0,
    open: bornAt < 0,
    knownAt: 0,
    seenAt: 0,
    next: Infinity,
    seen: 0,
    happened: 0,
    standing: bornAt < 0,
    bornAt,
    wrongSince: null,
    lastBackLook: -Infinity,
  }));
  const bySite = sites.map((_, site) =>
    listings.flatMap((listing, n) => listing.site === site ? [n] : [])
  );
  const waiting: number[][][] = sites.map(() => Array.from({ length: end + 1 }, () => []));
  const due: number[][] = sites.map(() => []);
  const imports: number[][] = sites.map(() => []);
  const happening: { at: number; listing: number }[] = listings.flatMap((one, listing) => [
    ...(one.bornAt >= 0 ? [{ at: one.bornAt, listing }] : []),
    ...one.changes.map(({ at }) => ({ at, listing })),
  ]).sort((a, b) => a.at - b.at);
  let wrongHours = 0;
  let rightableHours = 0;
  let happened = 0;

  const plan = (listing: number, next: number, now = 0) => {
    const one = held[listing] as Held;
    one.next = next;
    const site = (listings[listing] as SimulatedListing).site;
    const hour = Math.ceil(next);
    if (hour <= now) due[site]?.push(listing);
    else if (hour <= end) waiting[site]?.[hour]?.push(listing);
  };

  /** Somebody sees the listing as it is: what of its changes is known now, and whether anything had changed. */
  const look = (listing: number, at: number): boolean => {
    const one = held[listing] as Held;
    const changes = (listings[listing] as SimulatedListing).changes;
    const changed = one.seen < one.happened;
    for (; one.seen < one.happened; one.seen++) {
      const change = changes[one.seen];
      if (change === undefined) break;
      const isPrice = change.what === "price";
      // What another change has overtaken was never known.
      const overtaken = changes.slice(one.seen + 1, one.happened).some(({ what }) =>
        (what === "price") === isPrice
      );
      const count = isPrice ? result.price : result.status;
      if (!overtaken && at - change.at <= SOON && change.at <= end - SOON) count.inTime++;
    }
    if (one.wrongSince !== null) wrongHours += at - one.wrongSince;
    one.wrongSince = null;
    one.open = one.standing;
    one.knownAt = at;
    one.seenAt = at;
    return changed;
  };

  // What is here already was read some time in the two days before.
  const first = held.flatMap((one, listing) => one.known ? [listing] : []);
  first.forEach((listing, n) => plan(listing, SOON * n / first.length));

  for (let hour = 1; hour <= end; hour++) {
    for (let next = happening[happened]; next !== undefined && next.at <= hour;) {
      const one = held[next.listing] as Held;
      const change = (listings[next.listing] as SimulatedListing).changes[one.happened];
      if (!one.known && next.at === one.bornAt && !one.standing && one.happened === 0) {
        one.standing = true;
      } else if (change !== undefined) {
        one.happened++;
        if (one.known) {
          if (change.at <= end - SOON) {
            (change.what === "price" ? result.price : result.status).all++;
          }
          one.wrongSince ??= change.at;
        } else {
          one.seen = one.happened; // before it was found
        }
        if (change.what === "end") one.standing = false;
        if (change.what === "back") [one.standing, one.bornAt] = [true, change.at];
      }
      next = happening[++happened];
    }

    const seen: Planned[] = [];
    for (const [n, site] of sites.entries()) {
      let asked = 0;
      if ((hour + n) % INDEX_EVERY === 0) {
        for (const listing of named(site, bySite[n] ?? [], held)) {
          const one = held[listing] as Held;
          if (!one.known) {
            one.known = true;
            imports[n]?.push(listing);
          } else if (!one.open && one.next === Infinity) {
            // It was removed and is named again.
            if (hour - one.lastBackLook >= 24) {
              one.lastBackLook = hour;
              plan(listing, hour, hour);
            }
          } else if (scheduler.usesIndex && one.open && Number.isFinite(one.next)) {
            const differs = (listings[listing] as SimulatedListing).changes
              .slice(one.seen, one.happened).some(({ what }) => what === "price");
            const says = !site.prices ? "named" : differs ? "another" : "the same";
            if (says === "the same" && hour - one.knownAt < NEWS) continue;
            if (says === "named" && (hour - one.seenAt < NEWS || one.next <= hour)) continue;
            if (says !== "another") one.seenAt = hour;
            seen.push({
              listing,
              site: n,
              bornAt: one.bornAt,
              knownAt: one.knownAt,
              next: one.next,
              says,
              changed: false,
            });
            if (says === "the same") {
              one.knownAt = hour;
              one.next = Infinity;
              result.indexLooks++;
            }
          }
        }
      }

      // Pages that are new go before.
      for (let room = site.perHour; room > 0 && (imports[n]?.length ?? 0) > 0; room--) {
        const listing = imports[n]?.shift() as number;
        asked++;
        look(listing, hour);
        seen.push(after(listing, n, held[listing] as Held, false, hour));
      }
      for (const listing of waiting[n]?.[hour] ?? []) {
        const one = held[listing] as Held;
        if (one.next <= hour) due[n]?.push(listing);
      }
      const queue = due[n] ?? [];
      while (queue.length > 0 && asked < site.perHour) {
        const listing = queue.shift() as number;
        const one = held[listing] as Held;
        if (one.next > hour) continue; // somebody has looked meanwhile
        const { knownAt, open } = one;
        asked++;
        result.requests++;
        one.next = Infinity;
        const changed = look(listing, hour);
        seen.push({
          ...after(listing, n, one, open && changed, hour),
          knownAt: open ? knownAt : hour,
        });
      }
      result.busiest = Math.max(result.busiest, asked / site.perHour);
    }
    const nexts = await scheduler.next(hour, seen);
    seen.forEach(({ listing }, n) => {
      const one = held[listing] as Held;
      if (one.open && one.knownAt <= hour) plan(listing, nexts[n] ?? Infinity, hour);
    });
    rightableHours += held.reduce((sum, one) => sum + (one.known && one.standing ? 1 : 0), 0);
    if (scheduler.learn !== undefined && hour % LEARN_EVERY === 0) {
      await scheduler.learn(hour, function* () {
        for (const [listing, one] of held.entries()) {
          if (one.known && one.open) {
            yield { site: (listings[listing] as SimulatedListing).site, bornAt: one.bornAt };
          }
        }
      });
    }
  }
  for (const one of held) if (one.wrongSince !== null) wrongHours += end - one.wrongSince;
  result.timeRight = 1 - wrongHours / (rightableHours + wrongHours);
  return result;
}

function after(
  listing: number,
  site: number,
  one: Held,
  changed: boolean,
  hour: number,
): Planned {
  return {
    listing,
    site,
    bornAt: one.bornAt,
    knownAt: hour,
    next: Infinity,
    says: "looked",
    changed,
  };
}

/** What the index of a site names now. */
function named(site: SimulatedSite, own: readonly number[], held: readonly Held[]): number[] {
  const standing = own.filter((listing) => held[listing]?.standing);
  if (site.names === "all") return standing;
  return standing.sort((a, b) => (held[b]?.bornAt ?? 0) - (held[a]?.bornAt ?? 0)).slice(0, NEWEST);
}
