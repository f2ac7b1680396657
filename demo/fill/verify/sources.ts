/** Whether each site came to be trusted as far as its behaviour earns. */
import type { Sql } from "../../driver/world.ts";
import { type Check, counted } from "../../verify/check.ts";
import { FILL_SITES, type FillSite, siteOfHost } from "../sites/plan.ts";
import type { Asked } from "../sites/server.ts";

/** What the agent holds of a site, and what came of it. */
export interface Fate {
  host: string;
  behaviour: FillSite["behaviour"];
  lists: FillSite["lists"];
  isSeed: boolean;
  /** Null: never heard of. */
  lifecycle: string | null;
  reason: string | null;
  found_by: string | null;
  /** All that it was, in order. */
  past: string[];
  vehicles: number;
  requests: number;
  /** The slot of the first request; null when it was never asked. */
  firstAsked: number | null;
}

export async function readFates(sql: Sql, asked: readonly Asked[]): Promise<Fate[]> {
  const rows = await sql<
    {
      host: string;
      lifecycle: string;
      reason: string | null;
      found_by: string;
      past: string[];
    }[]
  >`
    select s.hosts[1] as host, s.lifecycle, s.lifecycle_reason as reason, s.found_by,
      array(select e.to_lifecycle from source_lifecycle_events e where e.source_id = s.id order by e.id) as past
    from scrape_sources s
    where s.found_by <> 'code' and cardinality(s.hosts) > 0`;
  const landed = await sql<{ host: string; vehicles: number }[]>`
    select source_host as host, count(distinct vehicle_id)::int as vehicles
    from vehicle_listings where page_at is not null group by source_host`;
  const requests = Map.groupBy(asked, (it) => siteOfHost(it.host)?.host ?? it.host);
  return FILL_SITES.map(({ host, behaviour, lists, isSeed }) => {
    const held = rows.find((row) => row.host === host);
    const of = requests.get(host) ?? [];
    return {
      host,
      behaviour,
      lists,
      isSeed,
      lifecycle: held?.lifecycle ?? null,
      reason: held?.reason ?? null,
      found_by: held?.found_by ?? null,
      past: held?.past ?? [],
      vehicles: landed.find((row) => row.host === host)?.vehicles ?? 0,
      requests: of.length,
      firstAsked: of.length === 0 ? null : Math.min(...of.map(({ slot }) => slot)),
    };
  });
}

const IN_SERVICE = ["probation", "active", "degraded"];
/** What a liar may have brought before it is seen through. */
const MOST_LIES = 50;

/** Why a fate is not what the site's behaviour earns; null when it is. `cycles`: how many have run. */
function whyUndeserved(fate: Fate, cycles: number): string | null {
  const { behaviour, lifecycle, firstAsked, past, vehicles, reason } = fate;
  const is = `${lifecycle ?? "unknown"}${reason === null ? "" : ` (${reason})`}`;
  const serves = lifecycle !== null && IN_SERVICE.includes(lifecycle);
  switch (behaviour) {
    case "walled":
    case "forbidden":
      return serves ? `refuses, and is ${is}` : null;
    case "lying":
    case "copying_vins":
      if (vehicles >= MOST_LIES) return `lies, and brought ${vehicles} vehicles`;
      return serves && cycles === 12 ? `lies, and is ${is}` : null;
    case "failing":
      if (cycles < 12) return null;
      if (!past.includes("degraded")) return `failed for two cycles, and was never degraded`;
      return lifecycle === "active" ? null : `is well again, and is ${is}`;
    case "changing":
      // Its new pages give no description until a map serves; whether a cycle sees that depends on how many it reads.
      if (lifecycle === "active" || cycles < 12) return null;
      return lifecycle === "degraded" && /vehicles are complete to/.test(reason ?? "")
        ? null
        : `is good, and is ${is}`;
    case "mixed": // three in five of its pages are vehicles: whether that is enough is the probe's to say
      return null;
    default:
      if (lifecycle === "active") return null;
      // Found too late to have shown itself.
      return firstAsked !== null && firstAsked + 3 <= cycles - 1 || (fate.isSeed && !serves)
        ? `is good, and is ${is}`
        : null;
  }
}

export function checkFates(fates: readonly Fate[], cycles: number): Check {
  const serving = fates.filter(({ lifecycle }) => IN_SERVICE.includes(lifecycle ?? ""));
  return {
    name: "every source is where its behaviour brought it",
    seen: `${counted(fates.length, "site")}, ${serving.length} of them serve`,
    problems: fates.flatMap((fate) => {
      const why = whyUndeserved(fate, cycles);
      return why === null
        ? []
        : [`${fate.host} ${why}; it was ${fate.past.join(" → ") || "nothing"}`];
    }),
  };
}
