import { DatabaseError } from "./error.ts";

/** How long to wait before each further try, milliseconds. */
const RETRY_AFTER_MS = [200, 800, 2_000];
/** SQLSTATE of a deadlock: the transaction was undone as a whole and may be tried again. */
const DEADLOCK = "40P01";

/**
 * Makes a call again, a few times, while the database does not answer or undoes it for another's
 * sake. For calls that are safe to make twice: they are fenced by lease tokens or by keys.
 * @throws DatabaseError when the database refuses the call or stays away.
 */
export async function withRetry<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0;; attempt++) {
    try {
      return await call();
    } catch (error) {
      const wait = RETRY_AFTER_MS[attempt];
      const again = error instanceof DatabaseError &&
        (error.unavailable || error.code === DEADLOCK);
      if (!again || wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
