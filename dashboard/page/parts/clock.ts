/// <reference lib="dom" />
/** The server's time: a browser's clock may be wrong by hours, and "3 min ago" must not be. */
let server = { ms: Date.now(), at: performance.now() };

/** Takes the time of an answer that came just now. */
export function setServerTime(iso: string): void {
  const ms = Date.parse(iso);
  if (!Number.isNaN(ms)) server = { ms, at: performance.now() };
}

/** Milliseconds since 1970, by the server's clock. */
export function now(): number {
  return server.ms + (performance.now() - server.at);
}

/** How many milliseconds this machine's clock is ahead of the server's. */
export function clockAhead(): number {
  return Date.now() - now();
}
