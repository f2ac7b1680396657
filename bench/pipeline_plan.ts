/** What happens to each listing of the pipeline's site, and how it must end. Seeded. */
import type { Fault } from "../demo/site/faults.ts";
import { randomOf } from "../demo/site/random.ts";
import type { Site } from "../demo/site/server.ts";

/** How a listing must end: imported, known to be no vehicle, removed, or behind a lasting bot wall. */
type Fate = "vehicle" | "non_vehicle" | "gone" | "walled";

export interface Planned {
  url: string;
  fate: Fate;
  /** What passes at its first request; null where nothing does. */
  trouble: string | null;
}

interface PlanOptions {
  seed: string;
  /** Shares of all listings, 0 to 1. */
  transient: number;
  removed: number;
  walled: number;
  /** So many of the transient faults are a site that does not answer in time: 20 s each, for real. */
  timeouts: number;
}

export const USUAL: Omit<PlanOptions, "seed" | "timeouts"> = {
  transient: 0.1,
  removed: 0.02,
  walled: 0.01,
};

/** Longer than any run: who meets it comes back another time, and here time is moved on. */
const RETRY_AFTER_S = 300;
/** Longer than a fetch may take. */
const NO_ANSWER_MS = 22_000;

const PASSING: readonly { name: string; upTo: number; fault: Fault }[] = [
  { name: "500", upTo: 0.4, fault: { kind: "server_error", status: 500 } },
  { name: "503", upTo: 0.65, fault: { kind: "server_error", status: 503 } },
  { name: "cut connection", upTo: 0.95, fault: { kind: "broken_off", share: 0.5 } },
  { name: "429", upTo: 1, fault: { kind: "rate_limited", retryAfter: RETRY_AFTER_S } },
];

/**
 * Plans the listings and sets their faults. Cars that were auctioned twice, and auctions of what is no
 * vehicles, meet transient faults only.
 */
export function planPipeline(
  site: Pick<Site, "catalogue" | "setFault">,
  urls: readonly string[],
  options: PlanOptions,
): Planned[] {
  const extras = site.catalogue.extras();
  const nonVehicles = new Set(extras.filter((it) => it.nonVehicle).map((it) => it.url));
  const twice = new Set(extras.flatMap((it) => it.relistingOf ? [it.url, it.relistingOf] : []));
  let timeouts = options.timeouts;
  return urls.map((url): Planned => {
    const random = randomOf(options.seed, "pipeline", url);
    const draw = random.next();
    const fate: Fate = nonVehicles.has(url)
      ? "non_vehicle"
      : twice.has(url)
      ? "vehicle"
      : draw < options.removed
      ? "gone"
      : draw < options.removed + options.walled
      ? "walled"
      : "vehicle";
    if (fate === "gone") {
      site.setFault(url, { kind: "gone", status: random.chance(0.5) ? 404 : 410 });
    }
    if (fate === "walled") {
      const vendor = random.chance(0.5) ? "cloudflare" : "perimeterx";
      site.setFault(url, { kind: "bot_wall", vendor });
    }
    const rest = options.removed + options.walled;
    if (fate === "gone" || fate === "walled" || draw >= rest + options.transient) {
      return { url, fate, trouble: null };
    }
    if (timeouts > 0) {
      timeouts--;
      site.setFault(url, { kind: "slow", ms: NO_ANSWER_MS }, { first: 1 });
      return { url, fate, trouble: "no answer in time" };
    }
    const kind = random.next();
    const passing = PASSING.find(({ upTo }) => kind < upTo) ?? PASSING[0];
    if (!passing) throw new RangeError("no transient faults");
    // Once: with a killed worker on top that is two of the three attempts that a listing has.
    site.setFault(url, passing.fault, { first: 1 });
    return { url, fate, trouble: passing.name };
  });
}
