/** What the database holds of each listing's vehicle, to be compared with that of another run. */
import type postgres from "postgres";

/**
 * By the listing of each vehicle that has one: its facts, their states, provenance, score, auctions and listings as one
 * text, but for ids and the time of the run.
 */
export async function states(
  sql: postgres.Sql,
  urls?: readonly string[],
): Promise<Map<string, string>> {
  const isOne = urls === undefined ? sql`true` : sql`l.canonical_url = any (${[...urls]}::text[])`;
  const state = urls === undefined ? sql`md5(s.state::text)` : sql`s.state::text`;
  const rows = await sql<{ url: string; state: string }[]>`
    select s.url, ${state} as state
    from (
      select l.canonical_url as url, jsonb_build_object(
        'vehicle', to_jsonb(v) - array['id', 'field_state', 'created_at', 'updated_at'],
        'states', (
          select jsonb_object_agg(f.key, f.value - array['at', 'listing'] || jsonb_build_object(
            'listing', (select h.canonical_url from vehicle_listings h where h.id = (f.value ->> 'listing')::bigint)))
          from jsonb_each(v.field_state) f),
        'provenance', (
          select jsonb_agg(m.row order by m.row)
          from (
            select to_jsonb(e) - array['id', 'vehicle_id', 'extracted_at', 'last_confirmed_at', 'created_at'] as row
            from extraction_metadata e
            where e.vehicle_id = v.id
          ) m),
        'score', (
          select to_jsonb(q) - array['vehicle_id', 'created_at', 'updated_at', 'calculated_at']
          from vehicle_quality_scores q where q.vehicle_id = v.id),
        'auctions', (
          select jsonb_agg(to_jsonb(e) - array['id', 'vehicle_id', 'created_at', 'updated_at'] order by e.source_url)
          from auction_events e where e.vehicle_id = v.id),
        'listings', (
          select jsonb_agg(to_jsonb(o) - array['id', 'vehicle_id', 'first_seen_at', 'last_seen_at'] order by o.canonical_url)
          from vehicle_listings o where o.vehicle_id = v.id),
        'events', (
          select jsonb_agg(to_jsonb(e) - array['id', 'listing_id'] order by e.id)
          from listing_events e where e.listing_id = l.id)
      ) as state
      from vehicle_listings l
      join vehicles v on v.id = l.vehicle_id
      where ${isOne}
    ) s`;
  return new Map(rows.map(({ url, state }) => [url, state]));
}
