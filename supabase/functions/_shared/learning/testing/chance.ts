/** Chance that is the same each time (mulberry32). */
export class Chance {
  constructor(private state: number) {}

  /** From 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<T>(all: readonly T[]): T {
    const one = all[this.below(all.length)];
    if (one === undefined) throw new RangeError("nothing to choose from");
    return one;
  }

  is(share: number): boolean {
    return this.next() < share;
  }

  shuffled<T>(all: readonly T[]): T[] {
    return all.map((one) => ({ one, at: this.next() })).sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
  }
}
