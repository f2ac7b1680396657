import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import type { LeasedTable } from "./lease.ts";

/** One request of a probe, as its row says; `outcome` is null until its answer was written. */
const request = z.object({
  role: z.enum(["home", "sitemap", "feed", "list", "detail"]),
  url: z.string(),
  times_asked: z.int(),
  outcome: z.string().nullable(),
  result: z.looseObject({
    links: z.array(z.string()).optional(),
    sitemaps: z.array(z.string()).optional(),
    feeds: z.array(z.string()).optional(),
    lists: z.array(z.string()).optional(),
    kind: z.enum(["urls", "index", "none"]).optional(),
    is_listing: z.boolean().optional(),
    leads_to: z.string().optional(),
    others: z.array(z.string()).optional(),
    pattern: z.string().optional(),
    reading: z.string().optional(),
    reason: z.string().optional(),
    year: z.number().optional(),
    make: z.string().optional(),
    model: z.string().optional(),
    vin: z.string().optional(),
    price: z.number().optional(),
    mileage: z.number().optional(),
  }),
});

const probe = z.object({
  id: uuid,
  lease_token: uuid.nullable(),
  source_id: uuid,
  slug: z.string(),
  host: z.string(),
  start_url: z.string().nullable(),
  requests: z.array(request),
});
/** A candidate that is tried, with what it was asked and told so far. */
export type SourceProbe = z.infer<typeof probe>;

interface ProbeClaim {
  limit: number;
  cycleId: string | null;
}

/** The probes of candidates. */
export const SOURCE_PROBES: LeasedTable<SourceProbe, ProbeClaim> = {
  name: "source_probes",
  async claim(database, { limit, cycleId }) {
    const wanted = { p_limit: limit, p_cycle_id: cycleId ?? undefined };
    const answer = await database.rpc("claim_source_probes", wanted);
    return z.array(probe).parse(unwrap("claim_source_probes", answer));
  },
  async heartbeat(database, tokens) {
    const answer = await database.rpc("heartbeat_source_probes", { p_tokens: tokens });
    unwrap("heartbeat_source_probes", answer);
  },
  async release(database, handedBack) {
    const items = handedBack.map(({ row: { id, lease_token }, retryAt: retry_at }) => ({
      id,
      lease_token,
      retry_at,
    }));
    unwrap(
      "release_source_probes",
      await database.rpc("release_source_probes", { p_items: items }),
    );
  },
};

/** The hosts that a claim would take now. @throws DatabaseError */
export async function previewProbes(
  database: DatabaseClient,
  { limit, cycleId }: ProbeClaim,
): Promise<string[]> {
  const wanted = { p_limit: limit, p_cycle_id: cycleId ?? undefined };
  const answer = await database.rpc("preview_source_probes", wanted);
  return z.array(z.string()).parse(unwrap("preview_source_probes", answer));
}

/** What one request of a probe brought (an outcome of null: it was not made), and which is made next; null: none. */
interface ProbeRecord {
  answer: { url: string; outcome: string | null; result: object } | null;
  next: { role: string; url: string; pattern?: string } | null;
}

/** Writes how far a probe has come; gives whether it is still this worker's. @throws DatabaseError */
export async function recordProbe(
  database: DatabaseClient,
  { id, lease_token }: SourceProbe,
  { answer, next }: ProbeRecord,
): Promise<boolean> {
  const recorded = await database.rpc("record_source_probe", {
    p_id: id,
    p_lease_token: lease_token ?? "",
    p_answer: answer === null ? null : asJson(answer),
    p_next: next === null ? null : asJson(next),
  });
  return z.boolean().parse(unwrap("record_source_probe", recorded));
}

/** How a probe ended; `failure` null: it passed. */
export interface ProbeEnd {
  failure: string | null;
  reason: string;
  metrics: Record<string, number>;
  patterns: {
    pattern: string;
    is_listing: boolean;
    learned_from: number;
    listings_read: number;
    others_read: number;
    examples: string[];
  }[];
  feeds: { url: string; kind: "sitemap" | "rss" | "index" }[];
}

const settled = z.array(z.object({ id: uuid, lifecycle: z.string().nullable() }));

/** Ends probes; gives of each what its source is now, null where the lease was lost. @throws DatabaseError */
export async function settleProbes(
  database: DatabaseClient,
  ends: readonly { probe: SourceProbe; end: ProbeEnd }[],
): Promise<(string | null)[]> {
  const items = ends.map(({ probe: { id, lease_token }, end }) => ({ id, lease_token, ...end }));
  const answer = await database.rpc("settle_source_probes", { p_items: asJson(items) });
  const now = new Map(
    settled.parse(unwrap("settle_source_probes", answer)).map((
      { id, lifecycle },
    ) => [id, lifecycle]),
  );
  return items.map(({ id }) => now.get(id) ?? null);
}

/** The robots.txt that is held of a host; null for none. @throws DatabaseError */
export async function robotsOf(database: DatabaseClient, host: string): Promise<string | null> {
  const answer = await database.from("source_hosts").select("robots_body").eq("host", host)
    .maybeSingle();
  if (answer.error !== null) unwrap("source_hosts", answer);
  return answer.data?.robots_body ?? null;
}
