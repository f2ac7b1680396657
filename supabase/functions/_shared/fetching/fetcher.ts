import type { DatabaseClient } from "../database/client.ts";
import { hostDatabase, type HostStore, type RequestKind } from "../database/hosts.ts";
import {
  type NewestSnapshot,
  type SnapshotDatabase,
  snapshotDatabase,
} from "../database/snapshots.ts";
import { hostOf } from "../domain/host.ts";
import type { Page } from "../domain/page.ts";
import { Attempts } from "./attempts.ts";
import { classifyResponse, pageOf } from "./classify_response.ts";
import { sharedPool } from "./client/connection_pool.ts";
import { MAX_BYTES } from "./client/http.ts";
import { mirrorFrom } from "./client/mirror.ts";
import { type Reply, Trace } from "./client/redirects.ts";
import { HostChecker, type Resolver, systemResolver } from "./client/resolve.ts";
import { checkUrl, MAX_URL_LENGTH } from "./client/ssrf_guard.ts";
import { fetchTransport, type Transport } from "./client/transport.ts";
import { userAgent } from "./client/user_agent.ts";
import type { FetchingEnv } from "./env.ts";
import type { PageLookup } from "./page_lookup.ts";
import { type Chain, HORIZON_MS } from "./politeness/host_limiter.ts";
import { PoliteClient } from "./politeness/polite_client.ts";
import { Preparation } from "./preparation.ts";
import { Recorder } from "./recorder.ts";
import type { BytesResult, FetchResult, Validators } from "./result.ts";
import { type Clock, RunTime, systemClock } from "./run_time.ts";
import { Snapshots, validators, validatorsOf } from "./snapshots/snapshots.ts";
import { clean } from "../domain/text.ts";

export type { BytesResult, FetchResult } from "./result.ts";

export interface PageOptions {
  /** Keep the page in Storage and note that it was seen; default true. */
  keepSnapshot?: boolean;
  /** Take the newest snapshot, without asking the site, when it was seen within so many milliseconds. */
  maxAgeMs?: number;
  /**
   * Ask for the page only if it changed since a visit that the caller remembers, for pages of which
   * no snapshot is kept. Unchanged is then `failed` with the code `not_modified`.
   */
  ifChanged?: Validators;
}

interface BytesOptions {
  /** Default and most: 8 MB. */
  maxBytes?: number;
  accept?: string;
  /** Whether it is a page in another form, the picture to show for a vehicle, or one of many; default: one of many. */
  kind?: "page" | "cover" | "gallery";
  /** Take the first `maxBytes` of what is longer, instead of refusing it. */
  truncate?: boolean;
  /** As for a page. */
  ifChanged?: Validators;
}

export interface Fetcher {
  /**
   * One listing page, politely: SSRF guard, robots, host slot, breaker, conditional request, snapshot.
   * Never throws for what a site does. @throws DatabaseError when the database or Storage fails.
   */
  page(url: string, options?: PageOptions): Promise<FetchResult>;
  /** One image or file as bytes, as politely, no snapshot. @throws DatabaseError */
  bytes(url: string, options?: BytesOptions): Promise<BytesResult>;
  /** Says which pages this run will ask for: what they need of the database is then asked for at once. */
  expect(urls: readonly string[]): void;
  /** Writes what is still unwritten. Always called at the end of a run. @throws DatabaseError */
  flush(): Promise<void>;
  /** What is kept of pages, and what reads them; asked for together with what it fetches. */
  readonly lookup: PageLookup;
}

export interface FetcherDeps {
  database: DatabaseClient;
  env: FetchingEnv;
  /** Epoch milliseconds at which the run's last request has ended. */
  deadline: number;
  /** Ends the run early: what is under way is `not_started`. */
  signal?: AbortSignal;
  /** No request is begun from then on, and what is under way is finished; by itself `signal`. */
  ending?: AbortSignal;
  /** What its pages are: `new_page` for listings that nobody asked for by name; default `page`. */
  pages?: Extract<RequestKind, "page" | "new_page">;
  /** The slug of the source that an attempt at a URL is written down for; default: the host. */
  sourceOf?: (url: string) => string;
  /** For tests: what stands in for the outside. */
  resolver?: Resolver;
  clock?: Clock;
  transport?: Transport;
  hosts?: HostStore;
  snapshots?: Pick<SnapshotDatabase, "put" | "get">;
}

/**
 * A fetcher for one run of one worker. It fetches as many pages at once as it is asked for; the
 * database spaces them.
 * @throws Error when `SOURCE_MIRROR_URL` or `CONTACT_URL` cannot be used as they are.
 */
export function createFetcher(deps: FetcherDeps): Fetcher {
  return new PoliteFetcher(deps);
}

class PoliteFetcher implements Fetcher {
  readonly lookup: PageLookup;
  #time: RunTime;
  #recorder: Recorder;
  #client: PoliteClient;
  #snapshots: Snapshots;
  #attempts: Attempts;
  #pages: RequestKind;
  #underWay = new Map<string, Promise<FetchResult>>();

  constructor(deps: FetcherDeps) {
    const { env } = deps;
    const hosts = deps.hosts ?? hostDatabase(deps.database);
    const worker = crypto.randomUUID();
    const clock = deps.clock ?? systemClock;
    const mirror = mirrorFrom(env.SOURCE_MIRROR_URL, env.SUPABASE_URL);
    this.#pages = deps.pages ?? "page";
    this.#time = new RunTime(clock, deps.deadline, deps.signal, deps.ending);
    this.#recorder = new Recorder(hosts, worker, clock, (one) => this.#client.standing(one));
    const horizonMs = () => Math.min(HORIZON_MS, this.#time.leftToStart());
    const preparation = new Preparation(hosts, worker, horizonMs);
    this.#snapshots = new Snapshots(
      deps.snapshots ?? snapshotDatabase(deps.database),
      (url) => preparation.newest(url),
    );
    this.lookup = {
      newest: (url) => this.#snapshots.newest(spelled(url)),
      expect: (urls) => this.#snapshots.expect(urls.map(spelled)),
      maps: () => preparation.maps(),
    };
    this.#client = new PoliteClient({
      reserve: (limiter) => preparation.slots(limiter),
      recorder: this.#recorder,
      checker: new HostChecker(deps.resolver ?? systemResolver, () => clock.now()),
      mirror,
      time: this.#time,
      userAgent: userAgent(env.CONTACT_URL, env.SUPABASE_URL),
      transport: mirror === null ? deps.transport ?? sharedPool.send : fetchTransport,
    });
    this.#attempts = new Attempts(this.#client, this.#recorder, this.#time, deps.sourceOf);
  }

  page(url: string, options: PageOptions = {}): Promise<FetchResult> {
    const same = this.#underWay.get(url);
    if (same !== undefined) return same;
    const result = this.#page(url, options).finally(() => this.#underWay.delete(url));
    this.#underWay.set(url, result);
    return result;
  }

  async #page(raw: string, options: PageOptions): Promise<FetchResult> {
    const check = checkUrl(raw);
    if (!check.ok) return this.#attempts.invalid(raw, check.reason);
    if (this.#time.leftToStart() <= 0) return this.#time.over();
    let looking: Promise<NewestSnapshot> | undefined;
    const newest = () => looking ??= this.#snapshots.newest(spelled(raw));
    if (options.maxAgeMs !== undefined) {
      const fresh = await this.#fresh(await newest(), options.maxAgeMs);
      if (fresh !== null) return fresh;
    }
    const chain: Chain = { url: raw, kind: this.#pages };
    try {
      return await this.#fetchPage(check.url, raw, chain, newest, options);
    } finally {
      this.#client.leave(chain);
    }
  }

  async #fetchPage(
    url: URL,
    raw: string,
    chain: Chain,
    newest: () => Promise<NewestSnapshot>,
    options: PageOptions,
    again = false,
  ): Promise<FetchResult> {
    const trace = new Trace();
    const reply = await this.#client.ask(url, chain, trace, {
      maxBytes: MAX_BYTES,
      headers: async (hop) => ({
        accept: "text/html,application/xhtml+xml,*/*;q=0.5",
        "accept-language": "en-US,en;q=0.8",
        ...validators(options.ifChanged ?? (again ? null : (await newest()).snapshot), hop),
      }),
      // Beside the first slots; when the request is never made nobody waits for it.
    }, () => void newest().catch(() => {}));
    if (reply.kind === "not_started") return reply;

    const fetchedAt = this.#time.clock.now();
    const classified = classifyResponse(reply, fetchedAt, url.href);
    if (classified.code === "not_modified" && options.ifChanged !== undefined) {
      return await this.#attempts.settle(raw, chain, trace, classified, 0);
    }
    if (classified.code === "not_modified") {
      const { snapshot } = await newest();
      const kept = snapshot === null || again ? null : await this.#snapshots.load(snapshot);
      if (kept !== null && snapshot !== null) {
        await this.#attempts.settle(raw, chain, trace, classified, 0);
        if (options.keepSnapshot !== false) this.#recorder.seen(snapshot.id);
        const page = { ...kept, url: url.href };
        return { kind: "page", page, snapshotId: snapshot.id, from: "not_modified" };
      }
      if (!again && snapshot !== null) {
        // What the site says is unchanged is no longer kept: the whole page is asked for.
        return await this.#fetchPage(url, raw, chain, newest, options, true);
      }
      classified.code = "server_error";
      classified.message = "the site says 'not modified' without having been asked";
    }
    if (reply.kind === "failed" || classified.code !== "ok") {
      return await this.#attempts.settle(raw, chain, trace, classified, sizeOf(reply));
    }

    const page = classified.page ?? pageOf(reply, fetchedAt, url.href);
    if (!/\S/.test(page.body)) {
      classified.code = "unreadable";
      classified.message = "the site answered with an empty page";
      return await this.#attempts.settle(raw, chain, trace, classified, sizeOf(reply));
    }
    await this.#attempts.settle(raw, chain, trace, classified, sizeOf(reply));
    const snapshotId = options.keepSnapshot === false
      ? null
      : await this.#keep(page, await newest(), reply, again);
    await this.#recorder.flushIfDue();
    return { kind: "page", page, snapshotId, from: "site", validators: validatorsOf(reply) };
  }

  async bytes(raw: string, options: BytesOptions = {}): Promise<BytesResult> {
    const check = checkUrl(raw);
    if (!check.ok) return this.#attempts.invalid(raw, check.reason);
    if (this.#time.leftToStart() <= 0) return this.#time.over();
    const chain: Chain = { url: raw, kind: options.kind ?? "gallery" };
    const trace = new Trace();
    try {
      const reply = await this.#client.ask(check.url, chain, trace, {
        maxBytes: Math.min(options.maxBytes ?? MAX_BYTES, MAX_BYTES),
        truncate: options.truncate,
        headers: (hop) =>
          Promise.resolve({
            accept: options.accept ?? "*/*",
            ...validators(options.ifChanged ?? null, hop),
          }),
      });
      if (reply.kind === "not_started") return reply;
      const classified = classifyResponse(reply, this.#time.clock.now());
      const failed = await this.#attempts.settle(raw, chain, trace, classified, sizeOf(reply));
      if (reply.kind === "failed" || classified.code !== "ok") return failed;
      await this.#recorder.flushIfDue();
      const { contentType } = pageOf({ ...reply, bytes: new Uint8Array(0) }, 0);
      return {
        kind: "bytes",
        bytes: reply.bytes,
        contentType,
        status: reply.status,
        validators: validatorsOf(reply),
      };
    } finally {
      this.#client.leave(chain);
    }
  }

  expect(urls: readonly string[]): void {
    const checks = urls.map((raw) => ({ raw, check: checkUrl(raw) }));
    const hosts = checks.flatMap(({ check }) => check.ok ? [hostOf(check.url)] : []);
    this.#snapshots.expect(checks.flatMap(({ raw, check }) => check.ok ? [spelled(raw)] : []));
    for (const [host, pages] of Map.groupBy(hosts, (one) => one)) {
      this.#client.limiter(host).expect(pages.length);
    }
  }

  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  async #fresh(newest: NewestSnapshot, maxAgeMs: number): Promise<FetchResult | null> {
    const { snapshot } = newest;
    if (snapshot === null || snapshot.last_seen_ms_ago > maxAgeMs) return null;
    const page = await this.#snapshots.load(snapshot);
    return page === null ? null : { kind: "page", page, snapshotId: snapshot.id, from: "snapshot" };
  }

  async #keep(
    page: Page,
    newest: NewestSnapshot,
    reply: Extract<Reply, { kind: "answer" }>,
    again: boolean,
  ): Promise<string | null> {
    const row = await this.#snapshots.keep(newest, reply, page.fetchedAt, again);
    if (row !== null) this.#recorder.snapshot(row);
    return row?.id ?? null;
  }
}

/** A URL as its snapshots are looked up. */
function spelled(raw: string): string {
  return clean(raw, MAX_URL_LENGTH).trim();
}

function sizeOf(reply: Reply): number {
  return reply.kind === "answer" ? reply.bytes.length : 0;
}
