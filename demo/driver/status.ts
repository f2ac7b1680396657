import type { Sql } from "./world.ts";

/** How many vehicles and images stand where. */
export interface Status {
  due: number;
  leased: number;
  /** Waiting for their due time; auctions that are live are counted apart. */
  waiting: number;
  live: number;
  complete: number;
  exhausted: number;
  ended: number;
  failed: number;
  imagesDue: number;
  imagesWaiting: number;
  imagesStored: number;
}

/** Counts in one round trip. What waits and is due by now counts as due. */
export async function readStatus(sql: Sql): Promise<Status> {
  const [row] = await sql<Status[]>`
    select
      count(*) filter (where s.state = 'due' or (s.state = 'waiting' and s.due_at <= now()))::int as due,
      count(*) filter (where s.state = 'leased')::int as leased,
      count(*) filter (where s.state = 'waiting' and s.due_at > now() and v.sale_status is distinct from 'live')::int as waiting,
      count(*) filter (where s.state = 'waiting' and s.due_at > now() and v.sale_status = 'live')::int as live,
      count(*) filter (where s.state = 'complete')::int as complete,
      count(*) filter (where s.state = 'exhausted')::int as exhausted,
      count(*) filter (where s.state = 'ended')::int as ended,
      count(*) filter (where s.state = 'failed')::int as failed,
      (select count(*) from image_downloads where (status = 'pending' and next_attempt_at <= now()) or status = 'leased')::int as "imagesDue",
      (select count(*) from image_downloads where status = 'pending' and next_attempt_at > now())::int as "imagesWaiting",
      (select count(*) from vehicle_images)::int as "imagesStored"
    from micro_scrape_state s
    join vehicles v on v.id = s.vehicle_id`;
  if (!row) throw new Error("the status query gave no row");
  return row;
}

/** Vehicles that have come to rest. */
export const settled = (status: Status): number =>
  status.complete + status.exhausted + status.ended + status.failed + status.live;

export const unsettled = (status: Status): number => status.due + status.leased + status.waiting;
