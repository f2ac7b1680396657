import type { NotStarted } from "./result.ts";

/** Time as a run sees it; tests put their own in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal is given. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      signal?.addEventListener("abort", end);
    }),
};

/** A request gets at least this long, or it is not begun: a cut one would cost an attempt. */
const LEAST_MS = 5_000;

/** How much time a run has left, and whether that is enough to begin a request. */
export class RunTime {
  readonly clock: Clock;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  #leastMs: number;
  #ending: AbortSignal | undefined;

  /**
   * @param deadline epoch milliseconds at which all requests have ended.
   * @param signal ends requests that are under way.
   * @param ending no request is begun from then on; by itself `signal`.
   */
  constructor(clock: Clock, deadline: number, signal?: AbortSignal, ending = signal) {
    this.clock = clock;
    this.deadline = deadline;
    this.signal = signal;
    this.#ending = ending;
    this.#leastMs = Math.min(LEAST_MS, Math.max(0, (deadline - clock.now()) / 4));
  }

  /** Milliseconds until the last moment at which a request may begin; zero or less: too late. */
  leftToStart(): number {
    return this.#isEnding() ? -1 : this.deadline - this.#leastMs - this.clock.now();
  }

  /** Milliseconds until the deadline. */
  left(): number {
    return this.deadline - this.clock.now();
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.#ending);
  }

  /** A time from now, as ISO 8601. */
  at(ms: number): string {
    return new Date(this.clock.now() + Math.max(0, ms)).toISOString();
  }

  /** That the run is over, for a fetch that was not begun. */
  over(): NotStarted {
    const message = this.#isEnding()
      ? "the run was stopped"
      : "too little time was left in the run";
    return { kind: "not_started", reason: "deadline", message, retryAt: this.at(0) };
  }

  #isEnding(): boolean {
    return this.#ending?.aborted === true || this.signal?.aborted === true;
  }
}
