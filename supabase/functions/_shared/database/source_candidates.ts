import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

/** A site that may be a source, and where it was found. */
export interface Candidate {
  url: string;
  kind?: "auction" | "classified" | "dealer";
  found_by: "known_list" | "page_link" | "sitemap" | "feed_link";
  /** For a person: what led to it. */
  reason: string;
}

/** Addresses of some listings of others' cars, drawn by lot, of which pages are kept. @throws DatabaseError */
export async function sampleListings(database: DatabaseClient, count: number): Promise<string[]> {
  const answer = await database.rpc("sample_listings", { p_count: count });
  return z.array(z.string()).parse(unwrap("sample_listings", answer));
}

const added = z.object({
  added: z.array(z.string()),
  known: z.int(),
  refused: z.array(z.object({ url: z.string(), why: z.string() })),
});
type Added = z.infer<typeof added>;

/** Makes candidates of the sites of which nothing is known. @throws DatabaseError */
export async function addCandidates(
  database: DatabaseClient,
  candidates: readonly Candidate[],
  cycleId: string | null,
): Promise<Added> {
  if (candidates.length === 0) return { added: [], known: 0, refused: [] };
  const answer = await database.rpc("add_source_candidates", {
    p_items: asJson(candidates),
    p_cycle_id: cycleId ?? undefined,
  });
  return added.parse(unwrap("add_source_candidates", answer));
}
