import type { DatabaseClient } from "../../database/client.ts";
import { type ProbeEnd, recordProbe, type SourceProbe } from "../../database/source_probes.ts";
import { patternMatcher } from "../../extraction/index/address_pattern.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { outOfTime } from "../lease/work.ts";
import { askFor } from "./ask.ts";
import { nextStep, type PatternReads, type ProbeStep } from "./plan.ts";
import type { ProbeRequest } from "./request.ts";

/** Links to listings that make a page a list of them. */
const FEWEST_ON_A_LIST = 3;

/** The end of a probe; null when another worker has taken it over. */
export type Probed = { kind: "done"; item: { probe: SourceProbe; end: ProbeEnd } | null };

/**
 * Goes on with a probe, request by request, each written down before it is made and after it was
 * answered, until it is decided, the time is up or the host has no turn: then it is handed back and
 * goes on from there.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function goOn(
  database: DatabaseClient,
  fetcher: Fetcher,
  probe: SourceProbe,
  deadline: number,
): Promise<Probed | NotStarted> {
  const { host, start_url: startUrl } = probe; // its requests grow as they are made
  const requests: ProbeRequest[] = probe.requests;
  let answer: Parameters<typeof recordProbe>[2]["answer"] = null;
  while (true) {
    const step = nextStep({ host, startUrl, requests });
    if (step.kind !== "ask") {
      if (answer !== null && !await recordProbe(database, probe, { answer, next: null })) break;
      return { kind: "done", item: { probe, end: endOf(step, requests, host) } };
    }
    const isLate = Date.now() >= deadline;
    if (!await recordProbe(database, probe, { answer, next: isLate ? null : step })) break;
    if (isLate) return outOfTime();
    const came = await askFor(database, fetcher, { host, ...step });
    if (came.kind === "not_started") {
      const notMade = { url: step.url, outcome: null, result: {} };
      await recordProbe(database, probe, { answer: notMade, next: null });
      return came;
    }
    const { role, url, pattern } = step;
    answer = { url, outcome: came.outcome, result: came.result };
    const held = requests.findIndex((one) => one.url === url);
    const times = 1 + (held < 0 ? 0 : requests[held]?.times_asked ?? 0);
    const made = {
      role,
      url,
      times_asked: times,
      outcome: came.outcome,
      result: { pattern, ...came.result },
    };
    requests.splice(held < 0 ? requests.length : held, 1, made);
  }
  return { kind: "done", item: null };
}

/** How a decided probe is written: what was learned, and where the site lists what it sells. */
function endOf(
  step: Exclude<ProbeStep, { kind: "ask" }>,
  requests: readonly ProbeRequest[],
  host: string,
): ProbeEnd {
  const isListing = ({ reads, good }: PatternReads) => good > 0 && reads - good <= 1;
  const passed = step.kind === "passed";
  const patterns = step.patterns.map((one) => ({
    pattern: one.pattern,
    is_listing: isListing(one),
    learned_from: one.learned_from,
    listings_read: one.good,
    others_read: one.reads - one.good,
    examples: one.examples,
  }));
  const listing = patterns.filter((one) => one.is_listing).map(({ pattern }) => pattern);
  return {
    failure: passed ? null : step.failure,
    reason: step.reason.slice(0, 500),
    metrics: {
      requests: 1 + requests.reduce((sum, { times_asked }) => sum + times_asked, 0),
      details: requests.filter(({ role }) => role === "detail").length,
      vehicles: step.patterns.reduce((sum, { good }) => sum + good, 0),
    },
    patterns,
    feeds: passed ? feedsOf(requests, patternMatcher(host, listing)) : [],
  };
}

/** The places of a site that name its listings: sitemaps, feeds, and pages that link to several. */
function feedsOf(
  requests: readonly ProbeRequest[],
  isListing: (url: string) => boolean,
): ProbeEnd["feeds"] {
  const read = requests.filter(({ outcome }) => outcome === "ok");
  const naming = (one: ProbeRequest) => one.result.links?.filter(isListing).length ?? 0;
  const sitemaps = read.filter(({ role }) => role === "sitemap");
  const index = sitemaps.find(({ result }) => result.kind === "index");
  const named = sitemaps.filter((one) => naming(one) > 0);
  const lists = read.filter(({ role }) => role === "list" || role === "home")
    .filter((one) => naming(one) >= FEWEST_ON_A_LIST)
    .sort((one, other) => naming(other) - naming(one));
  return [
    ...(named.length === 0 ? [] : [index ?? named[0]]).flatMap((one) =>
      one === undefined ? [] : [{ url: one.url, kind: "sitemap" as const }]
    ),
    ...read.filter(({ role }) => role === "feed").filter((one) => naming(one) > 0)
      .map(({ url }) => ({ url, kind: "rss" as const })),
    ...lists.slice(0, 1).map(({ url }) => ({ url, kind: "index" as const })),
  ];
}
