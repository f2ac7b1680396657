import type { Sql } from "./world.ts";

/** What a move of time passed over. */
export interface QueueMoved {
  seconds: number;
  /** Listings of import_queue that waited. */
  rows: number;
}

/**
 * Moves time on until the last listing of `import_queue` that waits is due, by moving stored times
 * back by as much: of queues, images, hosts and pages. Leases keep theirs: they are worked on now.
 * @param offset seconds that were passed over before, for the day of a bot wall.
 * @returns null when nothing waits.
 */
export async function moveQueueTimeOn(sql: Sql, offset: number): Promise<QueueMoved | null> {
  return await sql.begin(async (tx) => {
    const [wait] = await tx<{ seconds: number; rows: number }[]>`
      select coalesce(ceil(extract(epoch from max(next_attempt_at) - now())), 0)::float8 as seconds,
        count(*)::int as rows
      from import_queue where status = 'pending' and next_attempt_at > now()`;
    if (!wait || wait.rows === 0) return null;
    const seconds = wait.seconds + 1;
    const step = `${seconds} seconds`;
    const day = (at: number) => Math.floor((Date.now() / 1000 + at) / 86_400);
    const days = day(offset + seconds) - day(offset);
    await tx`
      update import_queue
      set next_attempt_at = next_attempt_at - ${step}::interval,
          last_blocked_on = last_blocked_on - ${days}::int
      where status = 'pending' and (next_attempt_at is not null or last_blocked_on is not null)`;
    await tx`
      update image_downloads
      set next_attempt_at = next_attempt_at - ${step}::interval, blocked_on = blocked_on - ${days}::int
      where next_attempt_at > now() or blocked_on is not null`;
    await tx`
      update source_hosts
      set retry_after = retry_after - ${step}::interval,
          retry_at = retry_at - ${step}::interval,
          opened_at = opened_at - ${step}::interval,
          probe_until = probe_until - ${step}::interval,
          robots_fetched_at = robots_fetched_at - ${step}::interval,
          robots_fresh_until = robots_fresh_until - ${step}::interval`;
    return { seconds, rows: wait.rows };
  });
}
