import { type LikelyPattern, likelyPatterns, likelySitemaps, SURE } from "./likely.ts";
import { whyOfAnother } from "./of_another.ts";
import { MOST_REQUESTS, type ProbeRequest, type ProbeRole } from "./request.ts";

/** Pages of vehicles that are read, and how many of them must say what they sell. */
const DETAILS = 5;
const GOOD_ENOUGH = 4;
/** A request whose worker died is made again, but not for ever. */
const MOST_TIMES = 2;

/** How a probe can fail: the words of `source_probes.failure`. */
type ProbeFailure =
  | "forbidden"
  | "wall"
  | "unreachable"
  | "no_listings"
  | "unreadable"
  | "another_car"
  | "invalid";

/** What a probe knows of one kind of address. */
export interface PatternReads {
  pattern: string;
  learned_from: number;
  examples: string[];
  /** Pages that were read, and how many of them gave a whole vehicle. */
  reads: number;
  good: number;
}

/** What is done next: another request, or the end. */
export type ProbeStep =
  | { kind: "ask"; role: ProbeRole; url: string; pattern?: string }
  | { kind: "failed"; failure: ProbeFailure; reason: string; patterns: PatternReads[] }
  | { kind: "passed"; reason: string; pattern: PatternReads; patterns: PatternReads[] };

interface Probed {
  host: string;
  /** Where it begins; null: at the home page. */
  startUrl: string | null;
  requests: readonly ProbeRequest[];
}

/** Whether what a detail page says is a whole vehicle: year, make, model, and a price or a VIN. */
function isGood({ result }: ProbeRequest): boolean {
  return result.reading === "listing" && result.year !== undefined && result.make !== undefined &&
    result.model !== undefined && (result.price !== undefined || result.vin !== undefined);
}

/**
 * What a probe does next, decided by nothing but what it has asked and been told: whoever takes it up
 * after a crash goes on in the same place. The home page comes first, then a sitemap, a feed where
 * that did not show where the cars are, a list, and five pages of vehicles; with robots.txt never
 * more than ten requests.
 */
export function nextStep({ host, startUrl, requests }: Probed): ProbeStep {
  const unanswered = requests.find(({ outcome }) => outcome === null);
  if (unanswered !== undefined && unanswered.times_asked < MOST_TIMES) {
    const { role, url, result: { pattern } } = unanswered;
    return { kind: "ask", role, url, pattern };
  }
  const root = `https://${host}/`;
  const of = (role: ProbeRole) => requests.filter((one) => one.role === role);
  const asked = new Set(requests.map(({ url }) => url));
  const left = MOST_REQUESTS - 1 - requests.reduce((sum, one) => sum + one.times_asked, 0);
  const fail = (failure: ProbeFailure, reason: string): ProbeStep =>
    failed(failure, reason, readsOf(requests, []));

  if (unanswered !== undefined) {
    return fail(
      "unreachable",
      `whoever asked for ${unanswered.url} stopped without an answer, twice`,
    );
  }
  const home = of("home").at(-1);
  if (home === undefined) return { kind: "ask", role: "home", url: startUrl ?? root };
  if (home.outcome !== "ok") {
    if (home.outcome === "gone" && !asked.has(root)) {
      return { kind: "ask", role: "home", url: root };
    }
    return fail(...whyUnasked(home));
  }
  if (home.result.leads_to !== undefined) {
    return fail("invalid", `it leads to another site: ${home.result.leads_to}`);
  }

  const sitemap = nextSitemap(root, home, of("sitemap"));
  if (sitemap !== null && left > DETAILS) return { kind: "ask", role: "sitemap", url: sitemap };
  const patterns = learnedFrom(requests);
  const sure = patterns.some(({ score, count }) => score > SURE && count >= DETAILS);
  const [feed] = home.result.feeds ?? [];
  if (!sure && feed !== undefined && of("feed").length === 0 && left > DETAILS) {
    return { kind: "ask", role: "feed", url: feed };
  }
  const list = home.result.lists?.find((url) => !asked.has(url));
  if (list !== undefined && of("list").length === 0 && left > DETAILS) {
    return { kind: "ask", role: "list", url: list };
  }
  return nextDetail(requests, patterns, asked, left);
}

/** Why nothing came of a place that must answer. */
function whyUnasked({ outcome, url, result }: ProbeRequest): [ProbeFailure, string] {
  const reason = result.reason ?? outcome ?? "no answer";
  if (outcome === "robots_disallowed") {
    return ["forbidden", `its robots.txt forbids ${url}: ${reason}`];
  }
  if (outcome === "blocked") return ["wall", `it refuses machines: ${reason}`];
  if (outcome === "invalid") return ["invalid", `${url} is not asked: ${reason}`];
  return ["unreachable", `${url} did not answer with a page: ${reason}`];
}

function nextSitemap(
  root: string,
  home: ProbeRequest,
  asked: readonly ProbeRequest[],
): string | null {
  const named = likelySitemaps(home.result.sitemaps ?? []);
  const known = named.length > 0 ? named : [`${root}sitemap.xml`];
  const isNew = (url: string) => asked.every((one) => one.url !== url);
  const last = asked.at(-1);
  if (last === undefined) return known[0] ?? null;
  if (asked.length >= 2) return null;
  const children = last.result.kind === "index" ? likelySitemaps(last.result.sitemaps ?? []) : [];
  if (children.length > 0) return children.find(isNew) ?? null;
  return last.result.kind === "urls" ? null : known.find(isNew) ?? null;
}

/** What was learned after each place: the pages of vehicles that follow it teach nothing new. */
const learnedAfter = new WeakMap<ProbeRequest, LikelyPattern[]>();

/** How the addresses that were shown so far are made, likeliest listings first. */
function learnedFrom(requests: readonly ProbeRequest[]): LikelyPattern[] {
  const places = requests.filter(({ role }) => role !== "detail");
  const last = places.at(-1);
  const held = last === undefined ? undefined : learnedAfter.get(last);
  if (held !== undefined) return held;
  const learned = likelyPatterns(places.flatMap(({ result }) => result.links ?? []));
  if (last !== undefined) learnedAfter.set(last, learned);
  return learned;
}

function readsOf(
  requests: readonly ProbeRequest[],
  learned: readonly LikelyPattern[],
): PatternReads[] {
  const read = requests.filter(({ role, outcome }) => role === "detail" && outcome !== null);
  const names = new Set(read.flatMap(({ result }) => result.pattern ?? []));
  return [...names].map((pattern) => {
    const pages = read.filter(({ result }) => result.pattern === pattern);
    const known = learned.find((one) => one.pattern === pattern);
    return {
      pattern,
      learned_from: known?.count ?? 0,
      examples: known?.examples.slice(0, DETAILS) ?? [],
      reads: pages.length,
      good: pages.filter(isGood).length,
    };
  });
}

function failed(failure: ProbeFailure, reason: string, patterns: PatternReads[]): ProbeStep {
  return { kind: "failed", failure, reason, patterns };
}

function nextDetail(
  requests: readonly ProbeRequest[],
  learned: readonly LikelyPattern[],
  asked: ReadonlySet<string>,
  left: number,
): ProbeStep {
  const patterns = readsOf(requests, learned);
  const details = requests.filter(({ role }) => role === "detail");
  const fail = (failure: ProbeFailure, reason: string): ProbeStep =>
    failed(failure, reason, patterns);
  const refused = details.find(({ outcome }) =>
    outcome === "robots_disallowed" || outcome === "blocked"
  );
  if (refused !== undefined) return fail(...whyUnasked(refused));
  const failing = details.filter(({ outcome }) =>
    ["timeout", "network", "server_error", "rate_limited"].includes(outcome ?? "")
  );
  if (failing[1] !== undefined) return fail(...whyUnasked(failing[1]));
  const another = whyOfAnother(details);
  if (another !== null) return fail("another_car", another);
  const confused = requests.find(({ role, result }) =>
    role === "list" && result.is_listing === true
  );
  if (confused !== undefined) {
    return fail("unreadable", `its list ${confused.url} is read as the page of one vehicle`);
  }

  for (const one of candidatesOf(learned, patterns)) {
    const found = patterns.find(({ pattern }) => pattern === one.pattern);
    const { reads, good } = found ?? { reads: 0, good: 0 };
    const unread = one.examples.filter((url) => !asked.has(url));
    const more = Math.min(DETAILS - reads, unread.length, left);
    const [url] = unread;
    if (more <= 0 && found !== undefined && good >= GOOD_ENOUGH) {
      const reason = `${good} of ${reads} pages at ${one.pattern} are whole vehicles`;
      return { kind: "passed", reason, pattern: found, patterns };
    }
    if (more > 0 && good + more >= GOOD_ENOUGH && url !== undefined) {
      return { kind: "ask", role: "detail", url, pattern: one.pattern };
    }
  }
  return fail(...whyNone(details));
}

/** Patterns in the order in which they are tried: one whose first page was no listing waits for the others. */
function candidatesOf(
  learned: readonly LikelyPattern[],
  read: readonly PatternReads[],
): LikelyPattern[] {
  const reads = (name: string) => read.find(({ pattern }) => pattern === name);
  const usable = learned.filter(({ pattern }) => {
    const one = reads(pattern);
    return one === undefined || one.reads - one.good <= DETAILS - GOOD_ENOUGH;
  });
  const doubted = (one: LikelyPattern) => Number(reads(one.pattern)?.good === 0);
  return usable.sort((one, other) => doubted(one) - doubted(other));
}

function whyNone(details: readonly ProbeRequest[]): [ProbeFailure, string] {
  if (details.length === 0) {
    return ["no_listings", "no address of it looks like the page of a vehicle"];
  }
  const good = details.filter(isGood).length;
  const vehicles = details.filter(({ result }) => result.reading === "listing").length;
  const example = details.find((one) => !isGood(one));
  const why = example === undefined
    ? "too few of them"
    : `${example.url}: ${example.result.reason ?? example.outcome ?? "it states too little"}`;
  return vehicles > 0
    ? ["unreadable", `${good} of ${details.length} pages are whole vehicles; ${why}`]
    : ["no_listings", `none of ${details.length} pages is a vehicle; ${why}`];
}
