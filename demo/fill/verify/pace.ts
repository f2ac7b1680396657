/** How the sites were asked, by their own log and the real clock. */
import { type Check, counted } from "../../verify/check.ts";
import { FILL_SITES } from "../sites/plan.ts";
import type { Asked } from "../sites/server.ts";

const WINDOW_MS = 10_000;

/** The most requests to a host in any ten seconds; `times` in order. */
export function mostIn(times: readonly number[], windowMs: number): number {
  let [from, most] = [0, 0];
  for (let to = 0; to < times.length; to++) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** No host is asked more often than its limit allows, and none before its robots.txt. */
export function checkPace(asked: readonly Asked[], intervalMs: number): Check {
  const problems: string[] = [];
  const allowed = WINDOW_MS / intervalMs + 1; // one at either end
  let most = 0;
  for (const [host, requests] of Map.groupBy(asked, (it) => it.host)) {
    const times = requests.map(({ at }) => at).sort((a, b) => a - b);
    const count = mostIn(times, WINDOW_MS);
    most = Math.max(most, count);
    if (count > allowed) problems.push(`${host} was asked ${count} times within ten seconds`);
    if (requests[0]?.path !== "/robots.txt") {
      problems.push(`${host} was asked before its robots.txt`);
    }
  }
  return {
    name: "no host is asked more often than its limit, in any ten seconds",
    seen: `${counted(asked.length, "request")}, at most ${most} of ${allowed} to one host`,
    problems,
  };
}

/** Who refuses is left alone for the day: no page of it is asked for after the first refusals. */
export function checkRefusals(asked: readonly Asked[]): Check {
  const problems: string[] = [];
  const seen: string[] = [];
  for (const site of FILL_SITES) {
    if (site.behaviour !== "walled" && site.behaviour !== "forbidden") continue;
    const of = asked.filter((it) => it.host.replace(/^www\./, "") === site.host);
    const pages = of.filter(({ path }) => path !== "/robots.txt");
    seen.push(`${site.host} ${counted(of.length, "request")}`);
    if (site.behaviour === "forbidden" && pages.length > 0) {
      problems.push(
        `${site.host} forbids all, and ${counted(pages.length, "page")} were asked for`,
      );
    }
    const slots = new Set(pages.map(({ slot }) => slot));
    if (slots.size > 1) problems.push(`${site.host} was asked again, in ${slots.size} cycles`);
    if (pages.length > 10) problems.push(`${site.host} was asked for ${pages.length} pages`);
  }
  return { name: "who refuses is not asked again that day", seen: seen.join(", "), problems };
}
