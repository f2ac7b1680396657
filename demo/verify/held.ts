import type { Sql } from "../driver/world.ts";
import type { Held } from "./compare.ts";

/** All that the database holds of one vehicle, as far as a page could have told it. */
export interface HeldVehicle {
  id: string;
  columns: Held;
  state: string;
  outcome: string | null;
  error: string | null;
  score: number;
  generatedDescription: boolean;
  /** Stored images, and their different contents. */
  images: number;
  contents: number;
  auction: {
    outcome: string;
    sale_price: string | number | null;
    high_bid: string | number | null;
    bid_count: number | null;
    comment_count: number | null;
    ends_at: string | null;
    /** Rows of auction_bids and auction_comments. */
    bids: number;
    comments: number;
  } | null;
}

/** Reads every vehicle with its score, images and auction, by id. */
export async function readVehicles(sql: Sql): Promise<Map<string, HeldVehicle>> {
  const rows = await sql<{ vehicle: HeldVehicle }[]>`
    select jsonb_build_object(
      'id', v.id,
      'columns', to_jsonb(v) - 'field_state' - 'origin_metadata',
      'state', s.state,
      'outcome', s.last_outcome,
      'error', s.last_error,
      'score', q.overall_score,
      'generatedDescription', coalesce(v.description_source ilike '%generated%', false),
      'images', i.images,
      'contents', i.contents,
      'auction', a.record
    ) as vehicle
    from vehicles v
    join micro_scrape_state s on s.vehicle_id = v.id
    join vehicle_quality_scores q on q.vehicle_id = v.id
    cross join lateral (
      select count(*) as images, count(distinct content_hash) as contents
      from vehicle_images where vehicle_id = v.id
    ) i
    left join lateral (
      select to_jsonb(e) || jsonb_build_object(
        'bids', (select count(*) from auction_bids b where b.auction_event_id = e.id),
        'comments', (select count(*) from auction_comments c where c.auction_event_id = e.id)
      ) as record
      from auction_events e where e.vehicle_id = v.id
      order by e.ends_at desc nulls last limit 1
    ) a on true`;
  return new Map(rows.map(({ vehicle }) => [vehicle.id, vehicle]));
}
