/** Chance that is the same for the same seed. */
export interface Chance {
  /** 0 up to, not including, 1. */
  next(): number;
  happens(share: number): boolean;
  /** Both ends included. */
  integer(from: number, to: number): number;
  of<T>(values: readonly T[]): T;
  /** The index of one of these weights. */
  weighted(weights: readonly number[]): number;
  shuffled<T>(values: readonly T[]): T[];
  /** Of a person. */
  name(): string;
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and good enough for a made population. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const of = <T>(values: readonly T[]): T => {
    const value = values[integer(0, values.length - 1)];
    if (value === undefined) throw new RangeError("nothing to choose from");
    return value;
  };
  return {
    next,
    integer,
    of,
    happens: (share) => next() < share,
    weighted(weights) {
      let left = next() * weights.reduce((sum, it) => sum + it, 0);
      const index = weights.findIndex((it) => (left -= it) < 0);
      return index < 0 ? weights.length - 1 : index;
    },
    shuffled(values) {
      const all = [...values];
      for (let last = all.length - 1; last > 0; last--) {
        const other = integer(0, last);
        const [a, b] = [all[last], all[other]];
        if (a !== undefined && b !== undefined) [all[last], all[other]] = [b, a];
      }
      return all;
    },
    name: () => `${of(["Ann", "Bob", "Cleo", "Dan", "Eve"])} ${integer(1, 99_999)}`,
  };
}
