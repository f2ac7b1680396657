/** A third of a lease: two heartbeats may be lost before another worker takes over. */
const EVERY_MS = 10_000;

/**
 * Extends leases while they are worked on. A heartbeat that fails is reported and not fatal: a
 * lease that is lost is noticed when its result is written.
 * @param heartbeat extends the leases of these tokens.
 */
export function keepLeases(
  heartbeat: (tokens: string[]) => Promise<unknown>,
  tokens: Set<string>,
  onError: (error: unknown) => void,
): { stop(): void } {
  const timer = setInterval(() => {
    if (tokens.size > 0) heartbeat([...tokens]).catch(onError);
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
