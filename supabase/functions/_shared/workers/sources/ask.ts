import type { DatabaseClient } from "../../database/client.ts";
import { robotsOf } from "../../database/source_probes.ts";
import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { spread } from "../../domain/spread.ts";
import { feedItems, isFeed } from "../../extraction/index/feed.ts";
import { safeUrl } from "../../extraction/index/address.ts";
import { feedsNamedIn, isOn, linksIn } from "../../extraction/index/links.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { sitemapsNamedIn } from "../../fetching/politeness/robots.ts";
import type { Failed, NotStarted } from "../../fetching/result.ts";
import { extract } from "../../sources/registry.ts";
import { likelyLists, likelySitemaps } from "./likely.ts";
import type { DetailResult, PlaceResult, ProbeRole } from "./request.ts";
import { fetchSitemap } from "./sitemap.ts";

/** Addresses that are kept of one place: enough to learn from, small enough for a row. */
const MOST_LINKS = 400;
const MOST_OTHERS = 10;

/** What one request brought, as its row keeps it. */
interface ProbeAnswer {
  kind: "answer";
  outcome: string;
  result: PlaceResult | DetailResult | { reason: string };
}

interface Asked {
  host: string;
  role: ProbeRole;
  url: string;
  pattern?: string;
}

function failed({ code, message }: Failed, pattern?: string): ProbeAnswer {
  const result = { reason: message.slice(0, 300), ...(pattern === undefined ? {} : { pattern }) };
  return { kind: "answer", outcome: code, result };
}

function otherHosts(host: string, hosts: Iterable<string>): string[] {
  return [...new Set(hosts)].filter((one) => one !== host && one !== "").slice(0, MOST_OTHERS);
}

function sitemapsIn(robots: string, host: string): { own: string[]; others: string[] } {
  const named = sitemapsNamedIn(robots).slice(0, 50)
    .flatMap((url) => safeUrl(url, `https://${host}/`)?.href ?? []);
  return {
    own: [...new Set(named.filter((url) => isOn(host, url)))].slice(0, 20),
    others: otherHosts(host, named.map(hostOf)),
  };
}

/**
 * Makes one request of a probe, politely, and reads what comes: where lists and feeds are, or the
 * vehicle of a page. Nothing is kept of the pages themselves.
 * @throws DatabaseError when the database cannot be reached.
 */
export async function askFor(
  database: DatabaseClient,
  fetcher: Fetcher,
  asked: Asked,
): Promise<ProbeAnswer | NotStarted> {
  if (asked.role === "sitemap") return await askForSitemap(fetcher, asked);
  const fetched = await fetcher.page(asked.url, { keepSnapshot: false });
  if (fetched.kind === "not_started") return fetched;
  if (fetched.kind === "failed") return failed(fetched, asked.pattern);
  const { page } = fetched;
  if (asked.role === "detail") return readDetail(page, asked.pattern ?? "");
  const result = asked.role === "feed" ? readFeed(page, asked.host) : readPlace(page, asked);
  if (asked.role === "home") {
    const led = hostOf(fetched.validators?.final_url ?? page.url);
    if (led !== asked.host) result.leads_to = led;
    await fetcher.flush(); // its robots.txt is written
    const { own, others } = sitemapsIn(await robotsOf(database, asked.host) ?? "", asked.host);
    result.sitemaps = own;
    result.others = otherHosts(asked.host, [...result.others ?? [], ...others]);
  }
  return { kind: "answer", outcome: "ok", result };
}

async function askForSitemap(
  fetcher: Fetcher,
  { host, url }: Asked,
): Promise<ProbeAnswer | NotStarted> {
  const fetched = await fetchSitemap(fetcher, url);
  if (fetched.kind === "not_started") return fetched;
  if (fetched.kind === "failed") return failed(fetched);
  const { reading } = fetched;
  const addresses = reading.entries.map((entry) => entry.url);
  const result: PlaceResult & { reason: string } = {
    kind: reading.kind,
    reason: reading.reason.slice(0, 300),
    others: otherHosts(host, reading.foreignHosts),
    ...(reading.kind === "index"
      ? { sitemaps: likelySitemaps(addresses).slice(0, 20) }
      : { links: spread(addresses, MOST_LINKS) }),
  };
  return { kind: "answer", outcome: "ok", result };
}

function readPlace(page: Page, { host, role }: Asked): PlaceResult {
  const links = linksIn(page).filter(({ url }) => isOn(host, url) && url !== page.url);
  const feeds = feedsNamedIn(page);
  return {
    links: spread(links.map(({ url }) => url), MOST_LINKS),
    others: otherHosts(host, feeds.map(hostOf)),
    ...(role === "home"
      ? { lists: likelyLists(links), feeds: feeds.filter((url) => isOn(host, url)).slice(0, 5) }
      : { is_listing: extract(page).outcome === "listing" }),
  };
}

function readFeed(page: Page, host: string): PlaceResult & { reason?: string } {
  if (!isFeed(page.body)) return { reason: "it is no feed" };
  const links = feedItems(page.body).items.flatMap(({ link }) =>
    safeUrl(link, page.url)?.href ?? []
  );
  return { links: spread([...new Set(links)].filter((url) => isOn(host, url)), MOST_LINKS) };
}

function readDetail(page: Page, pattern: string): ProbeAnswer {
  const { outcome, reason, facts } = extract(page);
  const price = facts.asking_price ?? facts.sale_price ?? facts.high_bid;
  const result: DetailResult = {
    pattern,
    reading: outcome,
    reason: reason.slice(0, 300),
    year: facts.year?.value,
    make: facts.make?.value,
    model: facts.model?.value,
    vin: facts.vin?.value,
    price: price?.value,
    mileage: facts.mileage?.value,
  };
  return { kind: "answer", outcome: outcome === "blocked" ? "blocked" : "ok", result };
}
