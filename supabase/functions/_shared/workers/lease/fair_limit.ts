import pLimit, { type LimitFunction } from "p-limit";

interface Host {
  limit: LimitFunction;
  left: number;
}

/**
 * Lets so many rows be worked on at once, and those of one host in no more than its share of the
 * places: rows that wait for the next slot of a slow host would otherwise take all places, and rows of
 * fast hosts would not be begun before the run's time is up. The share grows as hosts are done with.
 */
export class FairLimit {
  #places: LimitFunction;
  #atOnce: number;
  #hosts = new Map<string, Host>();

  /** @param hosts of each row that will be given to `run`. */
  constructor(atOnce: number, hosts: readonly string[]) {
    this.#atOnce = atOnce;
    this.#places = pLimit(atOnce);
    for (const [host, rows] of Map.groupBy(hosts, (host) => host)) {
      this.#hosts.set(host, { limit: pLimit(atOnce), left: rows.length });
    }
    this.#share();
  }

  /** Does the work of one row of this host when there is a place for it; gives and throws what it does. */
  async run<T>(host: string, work: () => Promise<T>): Promise<T> {
    const held = this.#hosts.get(host);
    if (held === undefined) return await this.#places(work);
    try {
      // First its host's place: whoever waits for that takes no place from others.
      return await held.limit(() => this.#places(work));
    } finally {
      held.left--;
      if (held.left === 0) {
        this.#hosts.delete(host);
        this.#share();
      }
    }
  }

  #share(): void {
    const share = Math.max(1, Math.floor(this.#atOnce / Math.max(1, this.#hosts.size)));
    for (const { limit } of this.#hosts.values()) limit.concurrency = share;
  }
}
