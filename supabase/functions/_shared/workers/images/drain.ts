import {
  type ClaimedImage,
  claimImages,
  extendImageLeases,
  type ImageClaim,
  type ImageOutcome,
  type SettledImage,
  settleImages,
} from "../../database/images.ts";
import { downloadImage, type ImageTools, STORAGE_FAILED } from "./download.ts";
import { HostWaits } from "./host_waits.ts";

/** What a drain did, in images. */
export interface Drained {
  claimed: number;
  stored: number;
  duplicates: number;
  /** Failed for good. */
  failed: number;
  gone: number;
  /** Failed this time; to be tried again. */
  waiting: number;
  /** Handed back untouched: the host was busy or the time was up. */
  released: number;
  /** Results that came after the lease was lost, and changed nothing. */
  lost: number;
  /** Whether it stopped with work left, at its limit or its deadline. */
  more: boolean;
  /** What went wrong on our side. */
  errors: string[];
}

/** The counts of a run that has not begun. */
export function nothingDrained(): Drained {
  return {
    claimed: 0,
    stored: 0,
    duplicates: 0,
    failed: 0,
    gone: 0,
    waiting: 0,
    released: 0,
    lost: 0,
    more: false,
    errors: [],
  };
}

/** Images in flight at once: 4 of 8 MB, downloaded and uploaded, stay under 64 MB. */
const AT_ONCE = 4;
/** Claimed and settled in one round trip. */
const CHUNK = 8;
/** A third of a lease. */
const HEARTBEAT_MS = 10_000;
/** Nothing is begun so shortly before the deadline. */
const SPARE_MS = 2_000;
/** How long a host that said no, and not until when, is left alone by this run. */
const HOST_REST_MS = 600_000;
/** Storage that refuses so often in a row is down: going on would only ask the sites for nothing. */
const MAX_STORAGE_FAILURES = 3;

/**
 * Downloads due images until none is left that the claim takes, the limit is reached, or the
 * deadline is near. Leases are renewed while it works, and what was not begun is handed back.
 * @throws StoreError when the database stays away; leases then end by themselves.
 */
export async function drainImages(
  claim: Omit<ImageClaim, "skipHosts">,
  tools: ImageTools,
): Promise<Drained> {
  const drain = new Drain(claim, tools);
  return await drain.run();
}

class Drain {
  readonly #claim: Omit<ImageClaim, "skipHosts">;
  readonly #tools: ImageTools;
  readonly #now: () => number;
  readonly #hosts: HostWaits;
  readonly #held = new Set<string>();
  #storageFailures = 0;
  #done = nothingDrained();

  constructor(claim: Omit<ImageClaim, "skipHosts">, tools: ImageTools) {
    this.#claim = claim;
    this.#tools = tools;
    this.#now = tools.now ?? Date.now;
    this.#hosts = new HostWaits(this.#now);
  }

  async run(): Promise<Drained> {
    const heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    try {
      while (await this.#chunk());
    } finally {
      clearInterval(heartbeat);
    }
    return this.#done;
  }

  /** Whether there is time, room and a Storage to begin another image. */
  get #mayBegin(): boolean {
    return this.#now() < this.#tools.deadline - SPARE_MS &&
      this.#storageFailures < MAX_STORAGE_FAILURES;
  }

  #beat(): void {
    if (this.#held.size === 0) return;
    // Not fatal: a lost lease is noticed when its result is written.
    extendImageLeases(this.#tools.database, [...this.#held]).catch((error) => {
      this.#done.errors.push(`heartbeat: ${error instanceof Error ? error.message : error}`);
    });
  }

  /** Claims, downloads and settles one chunk; false when it was the last. */
  async #chunk(): Promise<boolean> {
    const left = this.#claim.limit - this.#done.claimed;
    if (left <= 0 || !this.#mayBegin) {
      this.#done.more = true;
      return false;
    }
    const images = await claimImages(this.#tools.database, {
      ...this.#claim,
      limit: Math.min(CHUNK, left),
      skipHosts: this.#hosts.waiting(),
    });
    if (images.length === 0) return await this.#hosts.waitForOne(this.#tools.deadline - SPARE_MS);

    this.#done.claimed += images.length;
    for (const image of images) this.#held.add(image.lease_token);
    const results: SettledImage[] = [];
    const queue = [...images];
    const work = async () => {
      for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
        results.push(await this.#one(image));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await this.#settle(results);
    // All handed back, and not for a host's sake: there is no time left.
    const stuck = results.every((r) => r.kind === "released") && this.#hosts.waiting().length === 0;
    this.#done.more ||= stuck;
    return !stuck;
  }

  async #one(image: ClaimedImage): Promise<SettledImage> {
    const { vehicle_id, url, lease_token } = image;
    const wait = this.#hosts.until(url);
    let outcome: ImageOutcome;
    if (wait !== null) {
      outcome = { kind: "released", ...wait };
    } else if (!this.#mayBegin) {
      outcome = { kind: "released", error: "the run ended before its turn", retry_at: null };
    } else {
      outcome = await downloadImage(url, this.#tools);
      this.#note(url, outcome);
    }
    return { vehicle_id, url, lease_token, ...outcome };
  }

  #note(url: string, outcome: ImageOutcome): void {
    if (outcome.kind === "stored") {
      this.#storageFailures = 0;
    } else if (outcome.kind === "released") {
      if (outcome.retry_at !== null) {
        this.#hosts.wait(url, { error: outcome.error, retry_at: outcome.retry_at });
      }
    } else if (outcome.code === "rate_limited" || outcome.code === "blocked") {
      const retry_at = outcome.retry_at ?? new Date(this.#now() + HOST_REST_MS).toISOString();
      this.#hosts.wait(url, { error: `${outcome.code}: ${outcome.error}`, retry_at });
    } else if (outcome.error.startsWith(STORAGE_FAILED)) {
      this.#storageFailures += 1;
      this.#done.errors.push(outcome.error);
    }
  }

  async #settle(results: SettledImage[]): Promise<void> {
    const released = new Set(
      results.filter((r) => r.kind === "released").map((r) => r.lease_token),
    );
    this.#done.released += released.size;
    const kinds = new Map(results.map((r) => [`${r.vehicle_id} ${r.url}`, r.kind]));
    for (const one of await settleImages(this.#tools.database, results)) {
      if (one.result === "stored") this.#done.stored += 1;
      else if (one.result === "duplicate") this.#done.duplicates += 1;
      else if (one.result === "failed") this.#done.failed += 1;
      else if (one.result === "gone") this.#done.gone += 1;
      else if (one.result === "pending") {
        if (kinds.get(`${one.vehicle_id} ${one.url}`) !== "released") this.#done.waiting += 1;
      } else {
        this.#done.lost += 1;
        if (one.result === "refused") this.#done.errors.push(`${one.url}: ${one.detail}`);
      }
    }
    for (const result of results) this.#held.delete(result.lease_token);
  }
}
