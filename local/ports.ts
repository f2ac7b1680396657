/**
 * A TCP port of 127.0.0.1 that nobody listens on at this moment. It lies below the ports that systems give to
 * outgoing connections, so that none of those takes it before its owner does, or while its owner restarts.
 */
export function freePort(): number {
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (isFree(port)) return port;
  }
  throw new Error("No free port between 20000 and 32000.");
}

/** `wanted` when nobody listens on it, otherwise a free one. */
export function preferPort(wanted: number): number {
  return isFree(wanted) ? wanted : freePort();
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
