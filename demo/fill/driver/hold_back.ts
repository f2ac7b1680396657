/** Keeping the database from invoking a worker, so that those at work come to their end. */
import type { FillWorld } from "./world.ts";

/**
 * While `during` goes on nobody is invoked for a function: its lock is held, and who does not get it knows that
 * another one is calling (private.invoke_worker).
 */
export async function holdBack<T>(
  { sql }: FillWorld,
  name: string,
  during: () => Promise<T>,
): Promise<T> {
  const session = await sql.reserve();
  const key = `invoke:${name}`;
  try {
    await session`select pg_advisory_lock(hashtextextended(${key}, 0))`;
    return await during();
  } finally {
    await session`select pg_advisory_unlock(hashtextextended(${key}, 0))`;
    session.release();
  }
}
