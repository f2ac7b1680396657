import {
  type ClaimedImage,
  IMAGE_DOWNLOADS,
  type ImageClaim,
  type ImageOutcome,
  type SettledImage,
  type Settlement,
} from "../../database/images.ts";
import { isStopping } from "../../domain/run_stop.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { type Attempt, leaseOf, workAll } from "../lease/work.ts";
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
const CHUNK = 20;
/** Nothing is begun so shortly before the deadline. */
const SPARE_MS = 2_000;
/** How long a host that said no, and not until when, is left alone by this run. */
const HOST_REST_MS = 600_000;
/** Storage that refuses so often in a row is down: going on would only ask the sites for nothing. */
const MAX_STORAGE_FAILURES = 3;

/**
 * Downloads due images until none is left that the claim takes, the limit is reached, or the
 * deadline is near. Leases are renewed while it works, and what was not begun is handed back.
 * @throws DatabaseError when the database stays away; leases then end by themselves.
 */
export async function drainImages(
  claim: Omit<ImageClaim, "skipHosts">,
  tools: ImageTools,
): Promise<Drained> {
  const drain = new Drain(claim, tools);
  return await drain.run();
}

type Downloaded = Attempt<SettledImage>;

class Drain {
  readonly #claim: Omit<ImageClaim, "skipHosts">;
  readonly #tools: ImageTools;
  readonly #now: () => number;
  readonly #hosts: HostWaits;
  #storageFailures = 0;
  #done = nothingDrained();

  constructor(claim: Omit<ImageClaim, "skipHosts">, tools: ImageTools) {
    this.#claim = claim;
    this.#tools = tools;
    this.#now = tools.now ?? Date.now;
    this.#hosts = new HostWaits(this.#now);
  }

  async run(): Promise<Drained> {
    while (await this.#chunk());
    return this.#done;
  }

  /** Whether there is time, room and a Storage to begin another image. */
  get #mayBegin(): boolean {
    return !isStopping() && this.#now() < this.#tools.deadline - SPARE_MS &&
      this.#storageFailures < MAX_STORAGE_FAILURES;
  }

  /** Claims, downloads and settles one chunk; false when it was the last. */
  async #chunk(): Promise<boolean> {
    const left = this.#claim.limit - this.#done.claimed;
    if (left <= 0 || !this.#mayBegin) {
      this.#done.more = true;
      return false;
    }
    const { database, deadline } = this.#tools;
    const images = await IMAGE_DOWNLOADS.claim(database, {
      ...this.#claim,
      limit: Math.min(CHUNK, left),
      skipHosts: this.#hosts.waiting(),
    });
    if (images.length === 0) return await this.#hosts.waitForOne(deadline - SPARE_MS);

    this.#done.claimed += images.length;
    const { finished, released } = await workAll<ClaimedImage, Downloaded, Settlement>(images, {
      atOnce: AT_ONCE,
      work: (image) => this.#one(image),
      failure: (image, error) => ({
        kind: "done",
        item: { ...keyOf(image), ...brokenDownload(error) },
      }),
      write: (items) => IMAGE_DOWNLOADS.settle(database, items),
      lease: leaseOf(database, IMAGE_DOWNLOADS),
      note: ({ vehicle_id, url }, { item }, { result, detail }) => ({
        vehicle_id,
        url,
        outcome: item.kind === "failed"
          ? item.code
          : result === "stored" || result === "duplicate"
          ? "ok"
          : result,
        error: item.kind === "failed" ? item.error : detail,
        state: result,
      }),
      warn: (what, error) => {
        this.#done.errors.push(`${what}: ${error instanceof Error ? error.message : error}`);
      },
    });
    this.#done.released += released.length;
    for (const { result } of finished) this.#count(result);
    // All handed back, and not for a host's sake: there is no time left.
    const stuck = finished.length === 0 && this.#hosts.waiting().length === 0;
    this.#done.more ||= stuck;
    return !stuck;
  }

  async #one(image: ClaimedImage): Promise<Downloaded | NotStarted> {
    const wait = this.#hosts.until(image.url);
    if (wait !== null) return notBegun(wait.error, wait.retry_at);
    if (!this.#mayBegin) return notBegun("the run ended before its turn", null);
    const outcome = await downloadImage(
      image.url,
      this.#tools,
      image.wave === 0 ? "cover" : "gallery",
    );
    this.#note(image.url, outcome);
    if (outcome.kind === "released") return notBegun(outcome.error, outcome.retry_at);
    return { kind: "done", item: { ...keyOf(image), ...outcome } };
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

  #count({ result, url, detail }: Settlement): void {
    if (result === "stored") this.#done.stored += 1;
    else if (result === "duplicate") this.#done.duplicates += 1;
    else if (result === "failed") this.#done.failed += 1;
    else if (result === "gone") this.#done.gone += 1;
    else if (result === "pending") this.#done.waiting += 1;
    else {
      this.#done.lost += 1;
      if (result === "refused") this.#done.errors.push(`${url}: ${detail}`);
    }
  }
}

function keyOf({ vehicle_id, url, lease_token }: ClaimedImage) {
  return { vehicle_id, url, lease_token };
}

/** A download that broke on our side: an attempt like any other that failed. */
function brokenDownload(error: string): ImageOutcome {
  return {
    kind: "failed",
    code: "server_error",
    http_status: null,
    error: `downloading it broke: ${error}`,
    retry_at: null,
  };
}

/** @param retryAt not to be tried again before, ISO 8601; null: due at once. */
function notBegun(message: string, retryAt: string | null): NotStarted {
  return {
    kind: "not_started",
    reason: retryAt === null ? "deadline" : "host_busy",
    message,
    retryAt: retryAt ?? new Date().toISOString(),
  };
}
