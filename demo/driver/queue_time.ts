import { moveHosts } from "./time.ts";
import type { Sql } from "./world.ts";

/** What a move of time passed over. */
interface QueueMoved {
  seconds: number;
  /** Listings of import_queue that waited. */
  rows: number;
}

/**
 * Moves time on by moving stored times back: of queues, images, hosts and pages. Leases keep theirs:
 * they are worked on now. While listings are due and their hosts are barred, until the first host
 * may be asked again; otherwise until all listings of `import_queue` that wait for less than an hour
 * are due, and where none does, all that wait.
 * @param offset seconds that were passed over before, for the day of a bot wall.
 * @returns null when nothing waits that time would bring.
 */
export async function moveQueueTimeOn(sql: Sql, offset: number): Promise<QueueMoved | null> {
  const [wait] = await sql<{ seconds: number | null; rows: number }[]>`
    with listings as (
      select
        coalesce(bool_or(coalesce(next_attempt_at, now()) <= now()), false) as due,
        coalesce(
          max(next_attempt_at) filter (where next_attempt_at <= now() + interval '1 hour'),
          max(next_attempt_at)
        ) as last,
        count(*) filter (where next_attempt_at > now())::int as rows
      from import_queue where status = 'pending'
    ),
    bars as (
      select min(b.until) as first
      from source_hosts h
      cross join lateral (
        select greatest(h.retry_after,
          case h.breaker when 'open' then h.retry_at when 'half_open' then h.probe_until end) as until
      ) b
      where b.until > now()
    )
    select
      ceil(extract(epoch from case when due then bars.first else last end - now()))::float8 as seconds,
      rows
    from listings, bars`;
  if (!wait || wait.seconds === null || wait.seconds <= 0) return null;
  const seconds = wait.seconds + 1;
  const step = `${seconds} seconds`;
  const day = (at: number) => Math.floor((Date.now() / 1000 + at) / 86_400);
  const days = day(offset + seconds) - day(offset);
  // What a worker has leased at this moment is passed by: nobody waits for anybody.
  await sql`
    update import_queue
    set next_attempt_at = next_attempt_at - ${step}::interval,
        last_blocked_on = last_blocked_on - ${days}::int
    where id in (
      select id from import_queue
      where status = 'pending' and (next_attempt_at is not null or last_blocked_on is not null)
      for update skip locked)`;
  await sql`
    update image_downloads
    set next_attempt_at = next_attempt_at - ${step}::interval, last_blocked_on = last_blocked_on - ${days}::int
    where (vehicle_id, url) in (
      select vehicle_id, url from image_downloads
      where next_attempt_at > now() or last_blocked_on is not null
      for update skip locked)`;
  await moveHosts(sql, step);
  return { seconds, rows: wait.rows };
}
