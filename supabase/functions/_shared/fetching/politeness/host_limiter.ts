import {
  type HostSlots,
  type HostStanding,
  REQUEST_KINDS,
  type RequestKind,
  type SlotRequest,
} from "../../database/hosts.ts";
import type { NotStarted } from "../result.ts";
import type { RunTime } from "../run_time.ts";
import type { HeldRobots } from "./robots.ts";

/** Slots are reserved so far ahead. */
export const HORIZON_MS = 3_000;
/** So long before a slot may be had the database is asked for it: a round trip and some. */
const ASK_AHEAD_MS = 500;

/** One page's way through redirects and robots.txt: what may go on with a probe. */
export interface Chain {
  readonly url: string;
  readonly kind: RequestKind;
}

interface Slot {
  at: number;
  kind: RequestKind;
}

interface Stopped {
  reason: NotStarted["reason"];
  message: string;
  until: number;
}

const urgency = (kind: RequestKind) => REQUEST_KINDS.indexOf(kind);

/**
 * This run's view of one host: the slots it holds, and why it stopped asking. Slots and breaker
 * themselves are the database's, shared by all workers.
 */
export class HostLimiter {
  readonly host: string;
  /** The robots.txt held, and how long it holds by this run's clock; null before the first answer. */
  robots: (HeldRobots & { freshUntil: number }) | null = null;

  #time: RunTime;
  #reserve: (limiter: HostLimiter) => Promise<HostSlots>;
  #slots: Slot[] = [];
  #intervalMs = 0;
  /** How late a slot may be used. */
  #lateMs = 0;
  #nextAskAt = 0;
  #nextSlotAt = 0;
  #breaker: HostSlots["breaker"] = "closed";
  #robotsVersion: string | null = null;
  #stopped: Stopped | null = null;
  /** What gets no slot now while more urgent requests may. */
  #putOff = new Map<RequestKind, Stopped>();
  #prober: Chain | null = null;
  #waiting = new Map<RequestKind, number>();
  #expected = 0;
  /** Slots for new pages that were missed since the database was last told. */
  #unused = 0;
  /** So many of them the question under way tells it. */
  #toldUnused = 0;
  #askedFor: RequestKind = "page";
  #freeUntil = 0;
  /** When this run's last turn at the host came. */
  #lastTurnAt = -Infinity;
  #asking: Promise<void> | null = null;

  constructor(host: string, time: RunTime, reserve: (limiter: HostLimiter) => Promise<HostSlots>) {
    this.host = host;
    this.#time = time;
    this.#reserve = reserve;
  }

  /** Says that this many more pages will be asked for in this run. */
  expect(count: number): void {
    this.#expected += count;
  }

  /** What this host wants in the next reservation. */
  request(): SlotRequest {
    // The most urgent that waits; what is less so asks when its time has come.
    const kind = REQUEST_KINDS.find((one) => (this.#waiting.get(one) ?? 0) > 0) ?? "page";
    this.#askedFor = kind;
    const expected = kind === "page" || kind === "new_page" ? this.#expected : 0;
    this.#toldUnused = this.#unused;
    return {
      host: this.host,
      count: Math.max(1, this.#waiting.get(kind) ?? 0, expected),
      kind,
      probing: this.#prober !== null,
      known_robots: this.#robotsVersion,
      unused: this.#toldUnused,
    };
  }

  /** Waits for the database's first word on this host: robots.txt, breaker, first slots. */
  async known(chain: Chain): Promise<NotStarted | null> {
    if (this.#stopped !== null) return this.#refusal(this.#stopped);
    if (this.robots !== null) return null;
    if (this.#time.leftToStart() <= 0) return this.#time.over();
    await this.#ask(chain.kind);
    return this.#stopped === null ? null : this.#refusal(this.#stopped);
  }

  /**
   * Waits for this request's turn. Null when it has come; otherwise why it will not come in this run,
   * and then nothing was used up.
   */
  async turn(chain: Chain): Promise<NotStarted | null> {
    while (true) {
      if (this.#stopped !== null) return this.#refusal(this.#stopped);
      if (this.#prober !== null && this.#prober !== chain) {
        return this.#refusal({
          reason: "breaker_open",
          message: `${this.host} is being tried with one request`,
          until: this.#time.clock.now() + 60_000,
        });
      }
      const slot = this.#take(chain.kind);
      if (slot !== null) {
        const isPage = chain.kind === "page" || chain.kind === "new_page";
        if (isPage) this.#expected = Math.max(0, this.#expected - 1);
        if (this.#breaker === "half_open") this.#prober = chain;
        await this.#sleepUntil(slot);
        if (this.#time.leftToStart() <= 0) return this.#time.over();
        if (this.#stopped !== null) return this.#refusal(this.#stopped);
        if (this.#isMissed(slot)) {
          if (isPage) this.#expected++;
          if (chain.kind === "new_page") this.#unused++;
          continue;
        }
        this.#lastTurnAt = this.#time.clock.now();
        return null;
      }
      const left = this.#time.leftToStart();
      if (left <= 0) return this.#time.over();
      const now = this.#time.clock.now();
      const putOff = this.#putOff.get(chain.kind);
      if (putOff !== undefined && putOff.until > now) return this.#refusal(putOff);
      if (this.#nextSlotAt - now > left) {
        return this.#refusal({
          reason: "host_busy",
          message: `${this.host} has no free slot before this run ends`,
          until: this.#nextSlotAt,
        });
      }
      if (this.#nextAskAt > now) await this.#time.sleep(this.#nextAskAt - now);
      else await this.#ask(chain.kind);
    }
  }

  /** No further request to this host in this run. */
  stop(reason: NotStarted["reason"], message: string, retryInMs: number): void {
    this.#stopped = { reason, message, until: this.#time.clock.now() + retryInMs };
    this.#slots = [];
  }

  /** When it may be asked again, ISO 8601, while its breaker keeps this run from asking; else null. */
  barredUntil(): string | null {
    return this.#stopped?.reason === "breaker_open"
      ? new Date(this.#stopped.until).toISOString()
      : null;
  }

  /** Takes over how the host stands after an answer was recorded. */
  standing(standing: HostStanding): void {
    this.#breaker = standing.breaker;
    if (standing.breaker === "closed") {
      this.#prober = null;
    } else if (this.#prober === null || standing.breaker === "open") {
      this.stop("breaker_open", breakerMessage(this.host, standing.why), standing.retry_in_ms ?? 0);
    }
  }

  /** Whether this chain is the probe of a breaker that is not closed: its answer decides at once. */
  isProbe(chain: Chain): boolean {
    return this.#prober === chain;
  }

  /** Ends a chain; true when it holds the probe and no answer decided it, so it must be given back. */
  leave(chain: Chain): boolean {
    if (this.#prober !== chain) return false;
    this.#prober = null;
    return this.#breaker === "half_open";
  }

  async #ask(kind: RequestKind): Promise<void> {
    const count = (more: number) => this.#waiting.set(kind, (this.#waiting.get(kind) ?? 0) + more);
    count(1);
    try {
      this.#asking ??= this.#reserve(this).then((slots) => this.#apply(slots)).finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    } finally {
      count(-1);
    }
  }

  #apply(given: HostSlots): void {
    this.#unused -= this.#toldUnused;
    this.#toldUnused = 0;
    const now = this.#time.clock.now();
    const first = now + given.first_in_ms;
    const kind = this.#askedFor;
    for (let nth = 0; nth < given.granted; nth++) {
      this.#slots.push({ at: first + nth * given.interval_ms, kind });
    }
    this.#intervalMs = given.interval_ms;
    this.#lateMs = given.late_ms ?? Math.max(25, given.interval_ms / 2);
    this.#breaker = given.breaker;
    this.#robotsVersion = given.robots_version;
    if (given.robots !== undefined) {
      this.robots = { ...given.robots, freshUntil: now + (given.robots_fresh_ms ?? 0) };
    } else {
      this.robots ??= { status: null, body: null, error: null, freshUntil: now };
    }
    if (given.breaker !== "closed" && given.granted === 0) {
      this.stop("breaker_open", breakerMessage(this.host, given.why), given.first_in_ms);
      return;
    }
    if (given.put_off && given.granted === 0) {
      const message = `${this.host}: ${given.why ?? "others come first"}`;
      this.#putOff.set(kind, { reason: "host_busy", message, until: first });
      return;
    }
    this.#nextSlotAt = first + given.granted * given.interval_ms;
    // The later the next question, the more slots are given at once.
    this.#nextAskAt = given.granted === 0
      ? Math.max(now + 20, first - ASK_AHEAD_MS)
      : this.#nextSlotAt - ASK_AHEAD_MS;
    // One without a rate gives whatever is wanted, once its robots.txt is known: no need to ask for each.
    const isFree = given.interval_ms === 0 && given.breaker === "closed" && given.granted > 0 &&
      (given.robots_fresh_ms ?? 0) > 0 && (kind !== "new_page" || given.budget_left === null);
    this.#freeUntil = isFree ? first + HORIZON_MS : 0;
  }

  /** Sleeps until a slot has come, and an interval has passed since this run's turn before it. */
  async #sleepUntil(slot: number): Promise<void> {
    const left = () => Math.max(slot, this.#lastTurnAt + this.#intervalMs) - this.#time.clock.now();
    do await this.#time.sleep(left()); while (left() > 0 && this.#time.leftToStart() > 0);
  }

  /** Whether a slot was missed: it is let go, since to use it late would crowd the next one. */
  #isMissed(slot: number): boolean {
    return this.#intervalMs > 0 && slot < this.#time.clock.now() - this.#lateMs;
  }

  /** The next slot held. */
  #take(kind: RequestKind): number | null {
    const missed = this.#slots.filter(({ at }) => this.#isMissed(at));
    if (missed.length > 0) {
      this.#slots = this.#slots.filter((slot) => !missed.includes(slot));
      this.#unused += missed.filter(({ kind }) => kind === "new_page").length;
    }
    // A page may take what was given for a picture, and no picture what was given for a page.
    const index = this.#slots.findIndex((slot) => urgency(slot.kind) >= urgency(kind));
    const [slot] = index < 0 ? [] : this.#slots.splice(index, 1);
    if (slot !== undefined) return slot.at;
    const now = this.#time.clock.now();
    return now < this.#freeUntil ? Math.max(now, this.#freeUntil - HORIZON_MS) : null;
  }

  #refusal(why: Stopped): NotStarted {
    return {
      kind: "not_started",
      reason: why.reason,
      message: why.message,
      retryAt: new Date(why.until).toISOString(),
    };
  }
}

function breakerMessage(host: string, why: string | null): string {
  return `${host} is not asked for a while: ${why ?? "its breaker is open"}`;
}
