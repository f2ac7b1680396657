import type { DatabaseClient } from "../../database/client.ts";
import { addCandidates, type Candidate } from "../../database/source_candidates.ts";
import {
  previewProbes,
  settleProbes,
  SOURCE_PROBES,
  type SourceProbe,
} from "../../database/source_probes.ts";
import { hostOf } from "../../domain/host.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { KNOWN_SITES } from "../../sources/known_list.ts";
import { leaseOf, workAll } from "../lease/work.ts";
import { namedBySnapshots } from "./seller_sites.ts";
import { goOn, type Probed } from "./probe.ts";

/** Probes under way at once: each asks another host. */
const AT_ONCE = 5;

/** How far one call of discovery may go. */
export interface SourceDiscoveryRequest {
  /** The cycle that asks; null for a person. */
  cycleId: string | null;
  /** Sources that are probed, at most; in a cycle no more than `fill_policy.new_sources_ceiling` either. */
  limit: number;
  /** Epoch milliseconds after which nothing is begun. */
  deadline: number;
  /** Whether candidates are looked for first; not where a call before did, and this one goes on with its probes. */
  gather: boolean;
  /** Says which hosts would be probed; writes nothing and asks no site. */
  dryRun: boolean;
}

/** How one probe stands at the end of a call. */
interface ProbeReport {
  host: string;
  /** What its source is now; null where nothing was decided. */
  lifecycle: string | null;
  /** Why. */
  reason: string;
}

/** What a call of discovery came to. */
interface SourceDiscovery {
  /** Hosts that became candidates. */
  candidates: string[];
  probes: ProbeReport[];
  /** Whether another call would go on: probes that are not over. */
  more: boolean;
}

function knownSites(): Candidate[] {
  return KNOWN_SITES.map(({ host, kind, country }) => ({
    url: `https://${host}/`,
    kind,
    found_by: "known_list",
    reason: `a known site (${kind}, ${country})`,
  }));
}

/** The host of this project's own functions and files, which no page may lead to. */
function ownHost(database: DatabaseClient): string {
  return hostOf(database.storage.from("page-snapshots").getPublicUrl("x").data.publicUrl);
}

/** Hosts that probed sites name as theirs: where their sitemaps and feeds stand. */
function namedByProbe({ host, requests }: SourceProbe): Candidate[] {
  return requests.flatMap(({ role, result }) =>
    (result.others ?? []).map((other): Candidate => ({
      url: `https://${other}/`,
      found_by: role === "sitemap" ? "sitemap" : "feed_link",
      reason: `named by ${role === "sitemap" ? "a sitemap" : "a page"} of ${host}`,
    }))
  );
}

/**
 * Looks for new sources: makes candidates of sites that are not known yet, and probes some, a few at
 * once, politely. Its state is in its rows: a call that is cut off, or whose worker dies, is gone on
 * with by the next.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function discoverSources(
  database: DatabaseClient,
  fetcher: Fetcher,
  { cycleId, limit, deadline, gather, dryRun }: SourceDiscoveryRequest,
): Promise<SourceDiscovery> {
  const found: SourceDiscovery = { candidates: [], probes: [], more: false };
  if (limit <= 0 || Date.now() >= deadline) return found;
  if (dryRun) {
    const hosts = await previewProbes(database, { limit, cycleId });
    const reason = "it would be probed";
    return { ...found, probes: hosts.map((host) => ({ host, lifecycle: null, reason })) };
  }
  const own = ownHost(database);
  const add = async (candidates: Candidate[]) => {
    const others = candidates.filter(({ url }) => hostOf(url) !== own);
    found.candidates.push(...(await addCandidates(database, others, cycleId)).added);
  };
  if (gather) {
    await add(knownSites());
    const aFifth = Date.now() + (deadline - Date.now()) / 5;
    await add(await namedBySnapshots(database, aFifth));
  }

  const probes = await SOURCE_PROBES.claim(database, { limit, cycleId });
  const { finished, released } = await workAll<SourceProbe, Probed, string | null>(probes, {
    atOnce: AT_ONCE,
    deadline,
    work: (probe) => goOn(database, fetcher, probe, deadline),
    async write(items) {
      const ends = items.filter((item) => item !== null);
      const lifecycles = await settleProbes(database, ends);
      return items.map((item) => item === null ? null : lifecycles[ends.indexOf(item)] ?? null);
    },
    lease: leaseOf(database, SOURCE_PROBES),
    note: ({ host }, { item }, lifecycle) => ({
      vehicle_id: null,
      url: `https://${host}/`,
      outcome: item?.end.failure ?? "ok",
      error: item?.end.failure == null ? null : item.end.reason,
      state: lifecycle,
    }),
  });
  await add(finished.flatMap(({ row }) => namedByProbe(row)));
  found.probes = [
    ...finished.map(({ row, one: { item }, result }) => ({
      host: row.host,
      lifecycle: result,
      reason: item?.end.reason ?? "another worker has taken it over",
    })),
    ...released.map(({ row, why }) => ({ host: row.host, lifecycle: null, reason: why.message })),
  ];
  found.more = released.length > 0;
  return found;
}
