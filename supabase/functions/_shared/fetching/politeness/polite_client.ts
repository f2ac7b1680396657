import type { HostSlots, HostStanding } from "../../database/hosts.ts";
import { hostOf } from "../../domain/host.ts";
import {
  type AskOptions,
  followRedirects,
  type NoReply,
  noReply,
  type RedirectDeps,
  type Reply,
  Trace,
} from "../client/redirects.ts";
import { retryAfterMs } from "../client/retry_after.ts";
import { outcomeOfStatus } from "../outcome.ts";
import type { Recorder } from "../recorder.ts";
import type { NotStarted } from "../result.ts";
import { type Chain, HostLimiter } from "./host_limiter.ts";
import { MAX_ROBOTS_BYTES, readRobots, robotsVerdict } from "./robots.ts";

interface PoliteDeps extends Omit<RedirectDeps, "limiter"> {
  /** Gives a host its next slots. @throws DatabaseError */
  reserve: (limiter: HostLimiter) => Promise<HostSlots>;
  recorder: Recorder;
}

/** Asks for URLs politely: each hop checked against private addresses, allowed by robots.txt, and in its host's turn. */
export class PoliteClient {
  #deps: PoliteDeps & RedirectDeps;
  #limiters = new Map<string, HostLimiter>();
  #reading = new Map<string, Promise<NotStarted | null>>();

  constructor(deps: PoliteDeps) {
    this.#deps = { ...deps, limiter: (host) => this.limiter(host) };
  }

  /** This run's view of a host. */
  limiter(host: string): HostLimiter {
    let limiter = this.#limiters.get(host);
    if (limiter === undefined) {
      limiter = new HostLimiter(host, this.#deps.time, this.#deps.reserve);
      this.#limiters.set(host, limiter);
    }
    return limiter;
  }

  /**
   * Follows a URL that `checkUrl` let pass to its answer. @throws DatabaseError, for nothing else.
   * @param prepare is called when the first question to the database is due.
   */
  ask(
    url: URL,
    chain: Chain,
    trace: Trace,
    options: AskOptions,
    prepare: () => void = () => {},
  ): Promise<Reply> {
    return followRedirects(this.#deps, url, chain, trace, options, (hop) => {
      prepare();
      return this.#mayAsk(hop, chain);
    });
  }

  /** Takes over how a host stands after an answer was recorded. */
  standing(standing: HostStanding): void {
    this.#limiters.get(standing.host)?.standing(standing);
  }

  /** Whether a chain holds the probe of any host. */
  isProbe(chain: Chain): boolean {
    return [...this.#limiters.values()].some((limiter) => limiter.isProbe(chain));
  }

  /** Ends a chain; a probe that it holds and that no answer decided is given back. */
  leave(chain: Chain): void {
    for (const limiter of this.#limiters.values()) {
      if (limiter.leave(chain)) this.#deps.recorder.released(limiter.host);
    }
  }

  /** Why robots.txt or the breaker forbid a URL, or null. */
  async #mayAsk(url: URL, chain: Chain): Promise<NoReply | NotStarted | null> {
    const limiter = this.limiter(hostOf(url));
    const notYet = await limiter.known(chain);
    if (notYet !== null) return notYet;
    if (limiter.robots === null || limiter.robots.freshUntil <= this.#deps.time.clock.now()) {
      const notRead = await this.#readRobots(limiter, url, chain);
      if (notRead !== null) return notRead;
    }
    if (limiter.robots === null) throw new Error(`robots.txt of ${limiter.host} was not settled`);

    const verdict = robotsVerdict(limiter.robots, url);
    const retryAt = new Date(limiter.robots.freshUntil).toISOString();
    if (verdict.kind === "disallowed") {
      return { ...noReply("robots_disallowed", verdict.rule), retryAt };
    }
    if (verdict.kind === "unreachable") {
      const { status } = limiter.robots;
      const code = status === null ? "network" : outcomeOfStatus(status);
      const message = `robots.txt cannot be read, so nothing is: ${verdict.reason}`;
      return { ...noReply(code, message, status), retryAt };
    }
    return null;
  }

  /** Reads a host's robots.txt, once for all pages that wait for it. */
  #readRobots(limiter: HostLimiter, url: URL, chain: Chain): Promise<NotStarted | null> {
    let reading = this.#reading.get(limiter.host);
    if (reading === undefined) {
      reading = this.#fetchRobots(limiter, url, chain).finally(() =>
        this.#reading.delete(limiter.host)
      );
      this.#reading.set(limiter.host, reading);
    }
    return reading;
  }

  async #fetchRobots(limiter: HostLimiter, url: URL, chain: Chain): Promise<NotStarted | null> {
    const { recorder, time } = this.#deps;
    const trace = new Trace();
    const options = {
      maxBytes: MAX_ROBOTS_BYTES,
      truncate: true,
      headers: () => Promise.resolve({ accept: "text/plain,*/*;q=0.5" }),
    };
    const anyone = () => Promise.resolve(null);
    const reply = await followRedirects(
      this.#deps,
      new URL("/robots.txt", url),
      chain,
      trace,
      options,
      anyone,
    );
    if (reply.kind === "not_started") return reply;

    const reading = readRobots(limiter.host, reply);
    recorder.robots(reading);
    const body = reading.error === null ? reading.body : limiter.robots?.body ?? null;
    const freshUntil = time.clock.now() + reading.fresh_ms;
    limiter.robots = { status: reading.status, body, error: reading.error, freshUntil };

    if (reading.error !== null && trace.last !== null) {
      recorder.answer({
        host: trace.last,
        outcome: reply.kind === "failed" ? reply.code : outcomeOfStatus(reply.status),
        status: reply.status,
        ms: trace.ms,
        retry_after_ms: reply.kind === "answer"
          ? retryAfterMs(reply.headers, time.clock.now())
          : null,
        message: `robots.txt: ${reading.error}`,
      });
    }
    // At once: no other worker need read it again, and its crawl-delay holds from the next slot on.
    await recorder.flush();
    return null;
  }
}
