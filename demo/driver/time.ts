import type { TransactionSql } from "postgres";
import type { Sql } from "./world.ts";

/** What a move of time passed over. */
export interface Moved {
  seconds: number;
  vehicles: number;
  images: number;
}

/**
 * Moves time on until the last of what waits is due, by moving every stored time back by as much.
 * Auctions that are live keep their time. Null when nothing waits for longer than `atLeast` seconds.
 */
export async function moveTimeOn(sql: Sql, offset: number, atLeast: number): Promise<Moved | null> {
  return await sql.begin(async (tx) => {
    const [wait] = await tx<{ seconds: number; vehicles: number; images: number }[]>`
      with resting as (
        select s.due_at as at, true as vehicle
        from micro_scrape_state s join vehicles v on v.id = s.vehicle_id
        where s.state = 'waiting' and s.due_at > now() and v.sale_status is distinct from 'live'
        union all
        select next_attempt_at, false
        from image_downloads where status = 'pending' and next_attempt_at > now()
      )
      select coalesce(ceil(extract(epoch from max(at) - now())), 0)::float8 as seconds,
        count(*) filter (where vehicle)::int as vehicles,
        count(*) filter (where not vehicle)::int as images
      from resting`;
    if (!wait || wait.seconds <= atLeast) return null;
    const step = `${wait.seconds + 1} seconds`;
    const day = (seconds: number) => Math.floor((Date.now() / 1000 + seconds) / 86_400);
    const days = day(offset + wait.seconds + 1) - day(offset);
    await tx`
      update micro_scrape_state s
      set due_at = case when s.state = 'waiting' and v.sale_status is distinct from 'live'
            then s.due_at - ${step}::interval else s.due_at end,
          last_checked_at = s.last_checked_at - ${step}::interval,
          last_blocked_on = s.last_blocked_on - ${days}::int
      from vehicles v where v.id = s.vehicle_id`;
    await tx`
      update image_downloads
      set next_attempt_at = next_attempt_at - ${step}::interval,
          last_attempt_at = last_attempt_at - ${step}::interval,
          last_blocked_on = last_blocked_on - ${days}::int`;
    await moveHosts(tx, step);
    await tx`
      update page_snapshots
      set fetched_at = fetched_at - ${step}::interval, last_seen_at = last_seen_at - ${step}::interval`;
    return { ...wait, seconds: wait.seconds + 1 };
  });
}

/** Moves what is stored of hosts back by a step of time, such as "60 seconds": their waits, their pace, their robots.txt. */
export async function moveHosts(sql: Sql | TransactionSql, step: string): Promise<void> {
  await sql`
    update source_hosts
    set retry_after = retry_after - ${step}::interval,
        paced_at = paced_at - ${step}::interval,
        retry_at = retry_at - ${step}::interval,
        opened_at = opened_at - ${step}::interval,
        probe_until = probe_until - ${step}::interval,
        robots_fetched_at = robots_fetched_at - ${step}::interval,
        robots_fresh_until = robots_fresh_until - ${step}::interval`;
}

/**
 * Moves the hosts that their answers slowed down half a minute on, so that good answers make them
 * faster again at once: they are ours and on this machine.
 */
export async function letHostsRecover(sql: Sql): Promise<void> {
  await sql`
    update source_hosts set paced_at = paced_at - interval '30 seconds'
    where host in (
      select host from source_hosts where slowed_interval_ms is not null for update skip locked)`;
}

/** Lets the auctions of these vehicles be over: their due time comes now. */
export async function auctionsEnd(sql: Sql, vehicleIds: readonly string[]): Promise<void> {
  await sql`
    update micro_scrape_state set due_at = now()
    where state = 'waiting' and vehicle_id = any (${[...vehicleIds]}::uuid[])`;
}
