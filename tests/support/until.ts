/** Waiting for what another process does: a worker, cron, a host that comes back. */

const EVERY_MS = 50;

/**
 * Asks again and again until the answer is something: not null, undefined or false; gives that. An
 * attempt that throws has no answer yet: what is asked may be starting again.
 * @param seconds for how long: many by default, since a busy machine is no failure and a quick one does not wait
 * @throws Error that names what did not happen in time, with what the last attempt threw as its cause.
 */
export async function until<T>(
  what: string,
  attempt: () => T | PromiseLike<T>,
  seconds = 60,
): Promise<Exclude<Awaited<T>, null | undefined | false>> {
  let cause: unknown;
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    try {
      const answer = await attempt();
      if (answer !== null && answer !== undefined && answer !== false) {
        return answer as Exclude<Awaited<T>, null | undefined | false>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  throw new Error(`not within ${seconds} s: ${what}`, { cause });
}
