/** After the kills: whether anything was lost, doubled, left leased, or written over. */
import type { Site } from "../demo/site/server.ts";
import { compare, type Held } from "../demo/verify/compare.ts";
import type { LastingSql } from "../local/postgres/sql.ts";
import type { Deeds } from "./chaos_people.ts";
import type { Staged } from "./chaos_world.ts";

/** What must not be, a line each, and how much was looked at. */
export interface ChaosFound {
  lost: string[];
  doubled: string[];
  stuck: string[];
  overwritten: string[];
  vehicles: number;
  values: number;
  images: number;
  auctions: number;
  edits: number;
}

interface Row {
  id: string;
  url: string;
  columns: Held;
  images: number;
  bids: number;
  comments: number;
}

/** Compares the database with what was staged, with the pages, and with what people did. */
export async function verifyChaos(
  sql: LastingSql,
  site: Pick<Site, "catalogue" | "truth">,
  staged: readonly Staged[],
  deeds: Deeds,
): Promise<ChaosFound> {
  const found: ChaosFound = {
    lost: [],
    doubled: [],
    stuck: [],
    overwritten: [],
    vehicles: 0,
    values: 0,
    images: 0,
    auctions: 0,
    edits: 0,
  };
  const rows = await sql<Row>`
    select v.id, l.listing_url as url, to_jsonb(v) - 'field_state' - 'origin_metadata' as columns,
      (select count(*)::int from image_downloads d
        where d.vehicle_id = v.id and d.status in ('stored', 'duplicate')) as images,
      (select count(*)::int from auction_bids b join auction_events e on e.id = b.auction_event_id
        where e.vehicle_id = v.id) as bids,
      (select count(*)::int from auction_comments c join auction_events e on e.id = c.auction_event_id
        where e.vehicle_id = v.id) as comments
    from vehicle_listings l join vehicles v on v.id = l.vehicle_id`;
  found.vehicles = rows.length;
  const byUrl = new Map(rows.map((row) => [row.url, row]));
  for (const one of staged) {
    const row = byUrl.get(one.url);
    const removed = deeds.removed.get(one.url);
    if (row && removed === "certain") found.doubled.push(`${one.url} was deleted, and came back`);
    if (row) checkVehicle(row, one, site, deeds, found);
    else if (removed === undefined && (one.fate === "vehicle" || one.by === "a person")) {
      found.lost.push(`${one.url}: no vehicle`);
    }
  }
  const known = new Set(staged.map((it) => it.url));
  for (const { url } of rows) if (!known.has(url)) found.doubled.push(`${url}: nobody queued it`);
  await checkRows(sql, found);
  return found;
}

function checkVehicle(
  { id, url, columns, images, bids, comments }: Row,
  { fate, typed }: Staged,
  site: Pick<Site, "catalogue" | "truth">,
  deeds: Deeds,
  found: ChaosFound,
): void {
  const edits = new Map(deeds.edits.get(id) ?? []);
  if (typed !== null && !edits.has("color")) edits.set("color", new Set([typed]));
  for (const [field, values] of edits) {
    const held = String(columns[field] ?? "");
    found.edits++;
    // Where the first edit of all was cut off, what the page says may stand as well.
    const mayBeThePages = values.has("") && !held.startsWith("by hand");
    if (!values.has(held) && !mayBeThePages) {
      found.overwritten.push(`${url} ${field} is ${held}, must be ${[...values].join(" or ")}`);
    }
  }
  const truth = site.truth(url);
  if (fate !== "vehicle" || !truth) return;
  for (const { field, verdict, held, stated } of compare(columns, truth)) {
    if (edits.has(field)) continue;
    if (verdict === "right") found.values++;
    else found.lost.push(`${url} ${field} is ${held}, the page states ${stated}`);
  }
  const must = site.catalogue.find(url)?.images.length ?? 0;
  if (images !== must) found.lost.push(`${url} has ${images} images, its page shows ${must}`);
  found.images += images;
  if (!truth.auction) return;
  found.auctions++;
  for (
    const [what, held, stated] of [
      ["bids", bids, truth.auction.bidCount],
      ["comments", comments, truth.auction.commentCount],
    ] as const
  ) {
    if (held === stated) continue;
    (held < stated ? found.lost : found.doubled).push(`${url}: ${held} ${what} of ${stated}`);
  }
}

/** What the rows of all tables say by themselves. */
async function checkRows(sql: LastingSql, found: ChaosFound): Promise<void> {
  const rows = await sql<{ list: "lost" | "doubled" | "stuck"; what: string }>`
    with queue_rows as (
      select 'import_queue' as queue, id, status, outcome_code, lease_token, error_message, listing_url as what
      from import_queue
      union all select 'backfill_queue', id, status, outcome_code, lease_token, error_message, vehicle_id::text
      from backfill_queue
      union all select 'bat_extraction_queue', id, status, outcome_code, lease_token, error_message, bat_url
      from bat_extraction_queue
      union all select 'scrape_retry_queue', id, status, outcome_code, lease_token, error_message, vehicle_id::text
      from scrape_retry_queue
    )
    select 'stuck' as list, format('%s %s is leased', queue, what) as what
    from queue_rows where lease_token is not null
    union all
    select 'stuck', format('micro_scrape_state of %s is leased', vehicle_id)
    from micro_scrape_state where lease_token is not null
    union all
    select 'stuck', format('image_downloads %s is leased', url)
    from image_downloads where lease_token is not null
    union all
    select 'lost', format('%s %s is %s (%s)', queue, what, status, error_message)
    from queue_rows
    where lease_token is null and status = 'pending' -- what failed is gone for good, a dead letter, or has worked since
    union all
    select 'lost', format('%s %s stands in dead_letters: %s', queue, url, error) from dead_letters
    union all
    select 'lost', format('micro-scrape of %s is %s (%s)', vehicle_id, state, last_error)
    from micro_scrape_state where state in ('due', 'failed')
    union all
    select 'lost', format('image %s is %s (%s)', url, status, last_error)
    from image_downloads where status not in ('stored', 'duplicate') and lease_token is null
    union all
    select 'lost', format('image %s has no file', i.storage_path)
    from vehicle_images i
    where not exists (
      select from storage.objects o where o.bucket_id = 'vehicle-images' and o.name = i.storage_path)
    union all
    select 'doubled', format('%s has %s auctions', vehicle_id, count(*))
    from auction_events group by vehicle_id having count(*) > 1
    union all
    select 'doubled', format('bid %s is there %s times', source_id, count(*))
    from auction_bids group by auction_event_id, source_id having count(*) > 1
    union all
    select 'doubled', format('comment %s is there %s times', source_id, count(*))
    from auction_comments group by auction_event_id, source_id having count(*) > 1
    union all
    select 'doubled', format('%s of %s is accepted %s times', field_name, vehicle_id, count(*))
    from extraction_metadata where validation_status = 'accepted'
    group by vehicle_id, field_name having count(*) > 1
    union all
    select 'doubled', format('%s stands in import_queue %s times', canonical_url, count(*))
    from import_queue group by canonical_url having count(*) > 1
    union all
    select 'doubled', format('%s is open %s times in %s', what, count(*), queue)
    from queue_rows where status in ('pending', 'processing') group by queue, what having count(*) > 1`;
  for (const { list, what } of rows) found[list].push(what);
}
