/** Whether every listing ended as it must, nothing twice, and the site was asked as it may be. */
import type postgres from "postgres";
import type { Site } from "../demo/site/server.ts";
import { compare, type Held } from "../demo/verify/compare.ts";
import { HOST } from "./pipeline_drain.ts";
import type { Planned } from "./pipeline_plan.ts";

/** What was looked at, and what is not as it must be. */
export interface Verified {
  vehicles: number;
  values: number;
  relistings: number;
  bids: number;
  comments: number;
  imageUrls: number;
  nonVehicles: number;
  gone: number;
  walled: number;
  /** A line each; empty when all is right. */
  problems: string[];
}

interface Row {
  url: string;
  status: string;
  outcome: string | null;
  error: string | null;
  vehicle_id: string | null;
  /** How its attempts ended while it waited, in order: "blocked 1", "blocked 2". */
  waits: string[];
}

const BY_FATE: Readonly<Record<Planned["fate"], string>> = {
  vehicle: "complete ok",
  non_vehicle: "failed not_a_listing",
  gone: "failed gone",
  walled: "failed blocked",
};

/** Compares the database with the plan and with what the pages state. */
export async function verify(
  sql: postgres.Sql,
  site: Pick<Site, "catalogue" | "truth">,
  planned: readonly Planned[],
): Promise<Verified> {
  const problems: string[] = [];
  const rows = await sql<Row[]>`
    select q.listing_url as url, q.status, q.outcome_code as outcome, q.error_message as error, q.vehicle_id,
      coalesce((
        select array_agg(l.outcome || ' ' || l.blocked_days order by l.n)
        from watched.leases l
        where l.row_id = q.id and l.outcome = 'blocked' and not l.leased and l.status = 'pending'), '{}') as waits
    from import_queue q`;
  const byUrl = new Map(rows.map((row) => [row.url, row]));
  if (rows.length !== planned.length) {
    problems.push(`${rows.length} rows in the queue, must be ${planned.length}`);
  }
  for (const { url, fate } of planned) {
    const row = byUrl.get(url);
    // Read by a worker that died before it wrote: the page is unchanged since.
    const outcome = row?.outcome === "not_modified" ? "ok" : row?.outcome;
    const ended = `${row?.status} ${outcome}`;
    if (ended !== BY_FATE[fate]) {
      problems.push(`${url} is ${ended} (${row?.error}), must be ${BY_FATE[fate]}`);
    }
    if ((fate === "vehicle") !== (row?.vehicle_id != null)) {
      problems.push(`${url} (${fate}) ${row?.vehicle_id ? "has" : "has no"} vehicle`);
    }
    // On the first and the second day it waits.
    if (fate === "walled" && !["blocked 1", "blocked 2"].every((it) => row?.waits.includes(it))) {
      problems.push(`${url} did not wait behind its wall: ${row?.waits.join(", ")}`);
    }
  }
  const imported = planned.filter((it) => it.fate === "vehicle").map((it) => it.url);
  const held = await checkVehicles(sql, site, imported, byUrl, problems);
  const counted = await checkCounts(sql, site, imported, problems);
  const of = (fate: Planned["fate"]) => planned.filter((it) => it.fate === fate).length;
  return {
    ...held,
    ...counted,
    nonVehicles: of("non_vehicle"),
    gone: of("gone"),
    walled: of("walled"),
    problems,
  };
}

/** One vehicle a car, whose values are those of the latest of its listings. */
async function checkVehicles(
  sql: postgres.Sql,
  site: Pick<Site, "catalogue" | "truth">,
  urls: readonly string[],
  byUrl: ReadonlyMap<string, Row>,
  problems: string[],
) {
  const earlier = new Map(
    site.catalogue.extras().flatMap((it) => it.relistingOf ? [[it.relistingOf, it.url]] : []),
  );
  const vehicles = await sql<{ id: string; columns: Held }[]>`
    select id, to_jsonb(v) - 'field_state' - 'origin_metadata' as columns from vehicles v`;
  const byId = new Map(vehicles.map((it) => [it.id, it.columns]));
  const seen = new Set<string>();
  let values = 0;
  let relistings = 0;
  for (const url of urls) {
    const id = byUrl.get(url)?.vehicle_id ?? "";
    const again = earlier.get(url);
    if (again !== undefined && urls.includes(again)) {
      relistings++;
      if (byUrl.get(again)?.vehicle_id !== id) {
        problems.push(`${url} and ${again} are two vehicles`);
      }
      continue;
    }
    if (seen.has(id)) problems.push(`${url} shares its vehicle with another listing`);
    seen.add(id);
    const columns = byId.get(id);
    const truth = site.truth(url);
    if (!columns || !truth) {
      problems.push(`${url}: no vehicle, or no truth`);
      continue;
    }
    for (const { field, verdict, held, stated } of compare(columns, truth)) {
      if (verdict === "right") values++;
      else problems.push(`${url} ${field} is ${held}, the page states ${stated}`);
    }
  }
  if (vehicles.length !== seen.size) {
    problems.push(`${vehicles.length} vehicles, must be ${seen.size}`);
  }
  return { vehicles: seen.size, values, relistings };
}

/** Bids, comments and image URLs: as many as the pages show, so none twice and none lost. */
async function checkCounts(
  sql: postgres.Sql,
  site: Pick<Site, "catalogue" | "truth">,
  urls: readonly string[],
  problems: string[],
) {
  const must = { auctions: urls.length, bids: 0, comments: 0, imageUrls: 0 };
  for (const url of urls) {
    const auction = site.truth(url)?.auction;
    must.bids += auction?.bidCount ?? 0;
    must.comments += auction?.commentCount ?? 0;
    must.imageUrls += site.catalogue.find(url)?.images.length ?? 0;
  }
  const [is] = await sql<(typeof must & { twice: number })[]>`
    select
      (select count(*)::int from auction_events) as auctions,
      (select count(*)::int from auction_bids) as bids,
      (select count(*)::int from auction_comments) as comments,
      (select count(*)::int from image_downloads) as "imageUrls",
      (select count(*)::int from (
        select from image_downloads group by url having count(*) > 1
        union all select from auction_bids group by source_id having count(*) > 1
        union all select from auction_comments group by source_id having count(*) > 1
      ) t) as twice`;
  for (const [what, count] of Object.entries(must)) {
    const held = is?.[what as keyof typeof must];
    if (held !== count) problems.push(`${held} ${what}, the pages show ${count}`);
  }
  if (is?.twice !== 0) problems.push(`${is?.twice} image URLs, bids or comments are there twice`);
  return must;
}

/** How the host was asked, by the site's own log. */
export interface Asked {
  /** Requests for pages of listings, and for anything else (robots.txt). */
  pages: number;
  others: number;
  /** The most requests in any `SPAN_MS`, and what the rate allows in it. */
  most: number;
  allowed: number;
}

/** Long enough that the jitter of a busy machine does not count as haste. */
const SPAN_MS = 5_000;
/** A request is sent at its slot and may be late by so much, with others behind it. */
const LATE_MS = 750;

/** @param intervalMs least time between two requests, for each host. */
export function asked(site: Pick<Site, "requests">, intervalMs: number): Asked {
  const times = site.requests.filter((it) => it.host === HOST).map((it) => it.at)
    .sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= SPAN_MS) first++;
    most = Math.max(most, last - first + 1);
  }
  const pages = site.requests.filter((it) => it.path.startsWith("/listing/")).length;
  return {
    pages,
    others: site.requests.length - pages,
    most,
    allowed: Math.ceil((SPAN_MS + LATE_MS) / intervalMs) + 1,
  };
}
