import type { Sql } from "../driver/world.ts";
import type { Site } from "../site/server.ts";
import { type Check, counted } from "./check.ts";

/** Six looks at a page that does not improve; docs/architecture.md, "When a vehicle is left alone". */
const MOST_LOOKS = 6;

/** How often each page was answered with itself, or as unchanged. */
function looks(site: Site): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { host, path, status } of site.requests) {
    if (status !== 200 && status !== 304) continue;
    const key = `${host}${path}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** How the sites were asked, by their own log. */
export function checkPoliteness(site: Site): Check {
  const { requests } = site;
  const problems: string[] = [];
  const nameless = requests.filter((it) => !it.userAgent?.includes("https://demo.example/contact"));
  if (nameless.length > 0) {
    problems.push(`${nameless.length} requests without a contact in their user agent`);
  }
  for (const host of new Set(requests.map((it) => it.host))) {
    const first = requests.filter((it) => it.host === host)
      .reduce((a, b) => b.at < a.at ? b : a);
    if (first.path !== "/robots.txt") problems.push(`${host} was asked before its robots.txt`);
  }
  for (const { path } of requests.filter((it) => it.path.startsWith("/members-only/"))) {
    problems.push(`${path} was asked for though robots.txt forbids it`);
  }
  for (const [path, count] of looks(site)) {
    if (count > MOST_LOOKS && !path.endsWith("/robots.txt")) {
      problems.push(`${path} was looked at ${count} times`);
    }
  }
  const slow = site.stats()["slowlane.example"]?.shortestGapMs ?? null;
  if (slow !== null && slow < 950) {
    problems.push(`slowlane.example asks for 1 s between requests and got ${slow} ms`);
  }
  return {
    name: "the sites are asked politely",
    seen: counted(requests.length, "request"),
    problems,
  };
}

/** Nothing is left over: no lease, no run without an end, no run that failed. */
export async function checkLeftovers(sql: Sql): Promise<Check> {
  const [row] = await sql<
    {
      leases: number;
      images: number;
      imports: number;
      open: number;
      failed: number;
      runs: number;
    }[]
  >`
    select
      (select count(*) from micro_scrape_state where lease_token is not null)::int as leases,
      (select count(*) from image_downloads where lease_token is not null)::int as images,
      (select count(*) from import_queue where status in ('pending', 'processing'))::int as imports,
      (select count(*) from micro_scrape_runs where status = 'running')::int as open,
      (select count(*) from micro_scrape_runs where status in ('failed', 'timed_out'))::int as failed,
      (select count(*) from micro_scrape_runs)::int as runs`;
  const { leases = 0, images = 0, imports = 0, open = 0, failed = 0, runs = 0 } = row ?? {};
  const problems = [
    ...(leases + images > 0 ? [`${leases + images} leases are left`] : []),
    ...(imports > 0 ? [`${imports} listings still wait to be imported`] : []),
    ...(open > 0 ? [`${open} runs have no end`] : []),
    ...(failed > 0 ? [`${failed} runs failed`] : []),
  ];
  return { name: "no lease and no open run is left", seen: counted(runs, "run"), problems };
}
