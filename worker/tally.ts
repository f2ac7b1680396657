/** What was done of each queue, counted in rows. */

/** Rows of one queue in some time. */
interface Counts {
  claimed: number;
  /** Worked on, and nothing was wrong. */
  done: number;
  /** Worked on in vain, those that are tried again included. */
  failed: number;
  handed_back: number;
}

const none = (): Counts => ({ claimed: 0, done: 0, failed: 0, handed_back: 0 });

/** Counts, since the process began and since they were taken last. */
export class Tally {
  #all = new Map<string, Counts>();
  #recent = new Map<string, Counts>();

  constructor(queues: readonly string[]) {
    for (const queue of queues) this.#all.set(queue, none());
  }

  add(queue: string, what: keyof Counts, rows = 1): void {
    if (rows === 0) return;
    for (const counts of [this.#all, this.#recent]) {
      const of = counts.get(queue) ?? none();
      of[what] += rows;
      counts.set(queue, of);
    }
  }

  of(queue: string): Counts {
    return { ...this.#all.get(queue) ?? none() };
  }

  get all(): Record<string, Counts> {
    return Object.fromEntries(this.#all);
  }

  /** What came since the last call, of the queues of which anything did. */
  take(): Record<string, Counts> {
    const taken = Object.fromEntries(this.#recent);
    this.#recent.clear();
    return taken;
  }
}

/** A line of what was done in so many seconds. */
export function lineOf(counts: Record<string, Counts>, seconds: number): string {
  const parts = Object.entries(counts).map(([queue, { claimed, done, failed, handed_back }]) =>
    `${queue}: ${claimed} claimed, ${done} done, ${failed} failed, ${handed_back} handed back, ` +
    `${rowsPerSecond(done + failed, seconds)} rows/s`
  );
  return parts.length === 0 ? "nothing was due" : parts.join("; ");
}

/** With three digits that count. */
function rowsPerSecond(rows: number, seconds: number): number {
  return Number((rows / Math.max(seconds, 0.001)).toPrecision(3));
}

/** The same, for a program that reads it. */
export function ratesOf(counts: Record<string, Counts>, seconds: number) {
  return Object.fromEntries(
    Object.entries(counts).map(([queue, one]) => [
      queue,
      { ...one, rows_per_second: rowsPerSecond(one.done + one.failed, seconds) },
    ]),
  );
}
