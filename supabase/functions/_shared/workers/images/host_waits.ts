import { hostOf } from "../../domain/host.ts";

/** A second may be enough for a host's next slot; longer than this, other work comes first. */
const MAX_WAIT_MS = 5_000;
/** A time that is past already must not make a loop of claims. */
const MIN_WAIT_MS = 500;

/** Hosts that take no request now, and until when: within one run they are not asked again. */
export class HostWaits {
  readonly #now: () => number;
  readonly #waits = new Map<string, { until: number; error: string; retry_at: string }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers that a host is not to be asked before `retry_at`, ISO 8601. */
  wait(url: string, why: { error: string; retry_at: string }): void {
    const until = Math.max(Date.parse(why.retry_at) || 0, this.#now() + MIN_WAIT_MS);
    this.#waits.set(hostOf(url), { until, error: why.error, retry_at: why.retry_at });
  }

  /** Why the host of this URL cannot be asked now; null when it can. */
  until(url: string): { error: string; retry_at: string } | null {
    const wait = this.#waits.get(hostOf(url));
    return wait && wait.until > this.#now() ? { error: wait.error, retry_at: wait.retry_at } : null;
  }

  /** The hosts that cannot be asked now. */
  waiting(): string[] {
    return [...this.#waits].filter(([, wait]) => wait.until > this.#now()).map(([host]) => host);
  }

  /** Sleeps until a host can be asked again; false when none will be soon enough. */
  async waitForOne(deadline: number): Promise<boolean> {
    const next = Math.min(...[...this.#waits.values()].map((wait) => wait.until));
    if (!Number.isFinite(next) || next >= deadline || next - this.#now() > MAX_WAIT_MS) {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(next - this.#now(), 0) + 50));
    for (const [host, wait] of this.#waits) {
      if (wait.until <= this.#now()) this.#waits.delete(host);
    }
    return true;
  }
}
