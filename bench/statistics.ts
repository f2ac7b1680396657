/**
 * The smallest sample that at least `share` (0 to 1) of the samples do not exceed (nearest rank).
 * @throws RangeError without samples.
 */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no samples");
  return value;
}

/** Median, 95th and 99th percentile of what was measured. */
interface Spread {
  median: number;
  p95: number;
  p99: number;
}

/** @throws RangeError without samples. */
export function spread(samples: readonly number[]): Spread {
  return {
    median: quantile(samples, 0.5),
    p95: quantile(samples, 0.95),
    p99: quantile(samples, 0.99),
  };
}

/** Milliseconds that each of `times` calls takes, one after the other; `between` is not counted. */
export async function timeEach(
  times: number,
  call: (index: number) => Promise<unknown>,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < times; index++) {
    const start = performance.now();
    await call(index);
    samples.push(performance.now() - start);
    await between();
  }
  return samples;
}
