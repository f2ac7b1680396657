/** What one would write first, for comparison. */
import type postgres from "postgres";

/** The claim without a table of its own: the score's join in order, the due time as a filter. */
export async function naiveClaim(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`
      select v.*
      from vehicles v
      join vehicle_quality_scores q on q.vehicle_id = v.id
      join micro_scrape_state s on s.vehicle_id = v.id
      where not coalesce((v.origin_metadata ->> 'micro_scrape_complete')::boolean, false)
        and s.due_at <= now()
      order by q.overall_score, v.created_at desc
      limit 20
      for update of v skip locked`;
  });
}

/** The needing view over vehicles and scores alone. */
export async function naiveView(sql: postgres.Sql): Promise<void> {
  await sql`
    select v.id, v.year, v.make, v.model, v.discovery_url, q.overall_score, q.missing_fields,
      v.created_at
    from vehicles v
    join vehicle_quality_scores q on q.vehicle_id = v.id
    where not coalesce((v.origin_metadata ->> 'micro_scrape_complete')::boolean, false)
      and v.discovery_url is not null
    order by q.overall_score, v.created_at desc
    limit 50`;
}

/** Rescores vehicles one call each; gives the seconds that all `total` would take. */
export async function naiveRescore(
  sql: postgres.Sql,
  total: number,
  sample: number,
): Promise<number> {
  const rows = await sql<{ id: string }[]>`
    select id from vehicles where id > gen_random_uuid() order by id limit ${sample}`;
  const start = performance.now();
  for (const { id } of rows) await sql`select private.refresh_quality(array[${id}::uuid])`;
  return (performance.now() - start) / 1000 / rows.length * total;
}
