import { hostOf } from "../../domain/host.ts";
import type { OutcomeCode } from "../../domain/outcome.ts";
import type { Chain, HostLimiter } from "../politeness/host_limiter.ts";
import type { NotStarted } from "../result.ts";
import type { RunTime } from "../run_time.ts";
import { get, type GetResult, TIMEOUT_MS } from "./http.ts";
import type { Mirror } from "./mirror.ts";
import type { HostCheck, HostChecker } from "./resolve.ts";
import { checkRedirect } from "./ssrf_guard.ts";
import type { Transport } from "./transport.ts";

/** Redirects followed from one URL (RFC 9309, 2.3.1.2, asks for five as well). */
const MAX_REDIRECTS = 5;

/** The request was made in vain, or must not be made. */
export interface NoReply {
  kind: "failed";
  code: OutcomeCode;
  status: number | null;
  message: string;
  /** When it may be tried again, ISO 8601, if that is known. */
  retryAt: string | null;
}

/** What a request for a URL came to, after redirects; not yet classified. */
export type Reply =
  | { kind: "answer"; url: URL; status: number; headers: Headers; bytes: Uint8Array }
  | NoReply
  | NotStarted;

/** How one URL was asked for: who answered along the way, and how long they took. */
export class Trace {
  /** Hosts that answered with a redirect. */
  readonly passed: string[] = [];
  /** The host that the reply is from; null when no request led to it. */
  last: string | null = null;
  /** Milliseconds spent on requests, without waiting for a turn. */
  ms = 0;
}

export interface AskOptions {
  maxBytes: number;
  truncate?: boolean;
  /** Headers for one hop: validators hold for one address only. */
  headers: (url: URL) => Promise<Record<string, string>>;
}

export interface RedirectDeps {
  checker: HostChecker;
  mirror: Mirror | null;
  time: RunTime;
  userAgent: string;
  transport: Transport;
  limiter: (host: string) => HostLimiter;
}

/**
 * Follows a URL to its answer: each hop is checked, allowed by `mayAsk`, sent in its host's turn, and
 * checked again just before it is sent. Never throws for what a site does.
 */
export async function followRedirects(
  deps: RedirectDeps,
  start: URL,
  chain: Chain,
  trace: Trace,
  options: AskOptions,
  mayAsk: (url: URL) => Promise<NoReply | NotStarted | null>,
): Promise<Reply> {
  let url = start;
  const seen = new Set<string>();
  while (true) {
    if (seen.has(url.href)) return noReply("server_error", `it redirects in a circle: ${url.href}`);
    if (seen.size > MAX_REDIRECTS) {
      return noReply("server_error", `it redirects more than ${MAX_REDIRECTS} times`);
    }
    seen.add(url.href);

    const now = await checkHost(deps, url);
    if (now.kind !== "public") return notAsked(now);
    const refused = await mayAsk(url);
    if (refused !== null) return refused;
    // Before its turn, which may not be lost by waiting for the database.
    const headers = { "user-agent": deps.userAgent, ...await options.headers(url) };
    const late = await deps.limiter(hostOf(url)).turn(chain);
    if (late !== null) return late;
    // Again, since its turn may have been long in coming. These addresses are connected to.
    const host = await checkHost(deps, url);
    if (host.kind !== "public") return notAsked(host);

    const answer = await send(deps, url, headers, host.addresses, trace, options);
    if (answer.kind === "stopped") return deps.time.over();
    // Cut off by the end of the run and not by the site's own slowness: no attempt.
    if (answer.kind === "failed" && answer.code === "timeout" && deps.time.left() <= 0) {
      return deps.time.over();
    }
    if (answer.kind === "failed") return { ...answer, retryAt: null };
    const location = isRedirect(answer.status) ? answer.headers.get("location") : null;
    if (location === null) return { ...answer, url };

    const next = checkRedirect(location, url);
    if (!next.ok) {
      return noReply("invalid", `a redirect that is not followed: ${next.reason}`, answer.status);
    }
    if (trace.last !== null) trace.passed.push(trace.last);
    trace.last = null;
    url = next.url;
  }
}

/** A reply that is none. */
export function noReply(code: OutcomeCode, message: string, status: number | null = null): NoReply {
  return { kind: "failed", code, status, message, retryAt: null };
}

/** Whether a host is public; where a mirror answers, no name is looked up. */
function checkHost(deps: RedirectDeps, url: URL): Promise<HostCheck> {
  if (deps.mirror !== null) return Promise.resolve({ kind: "public", addresses: [] });
  return deps.checker.check(url);
}

function notAsked(check: Exclude<HostCheck, { kind: "public" }>): NoReply {
  return noReply(check.kind === "refused" ? "invalid" : "network", check.reason);
}

async function send(
  deps: RedirectDeps,
  url: URL,
  headers: Record<string, string>,
  addresses: readonly string[],
  trace: Trace,
  options: AskOptions,
): Promise<GetResult> {
  const { mirror, time } = deps;
  const began = time.clock.now();
  trace.last = hostOf(url);
  const result = await get(mirror === null ? url : mirror.map(url), {
    headers,
    maxBytes: options.maxBytes,
    truncate: options.truncate,
    timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, time.left())),
    signal: time.signal,
    transport: deps.transport,
    addresses,
  });
  trace.ms += Math.max(0, Math.round(time.clock.now() - began));
  return result;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
