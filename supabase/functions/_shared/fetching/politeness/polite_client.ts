import type { HostSlots, HostStanding, HostStore } from "../../database/hosts.ts";
import {
  type AskOptions,
  follow,
  type FollowDeps,
  type NoReply,
  noReply,
  type Reply,
  Trace,
} from "../client/redirects.ts";
import { retryAfterMs } from "../client/retry_after.ts";
import { hostKey } from "../client/ssrf_guard.ts";
import { Batch } from "../coalesce.ts";
import { outcomeOfStatus } from "../outcome.ts";
import type { Recorder } from "../recorder.ts";
import type { NotStarted } from "../result.ts";
import { type Chain, HORIZON_MS, HostGate } from "./host_limiter.ts";
import { MAX_ROBOTS_BYTES, readRobots, robotsVerdict } from "./robots.ts";

export interface PoliteDeps extends Omit<FollowDeps, "gate"> {
  hosts: HostStore;
  recorder: Recorder;
  worker: string;
}

/** Asks for URLs with manners: each hop guarded, allowed by robots.txt, and in its host's turn. */
export class PoliteClient {
  #deps: PoliteDeps & FollowDeps;
  #gates = new Map<string, HostGate>();
  #reading = new Map<string, Promise<NotStarted | null>>();
  #reservations: Batch<HostGate, HostSlots>;

  constructor(deps: PoliteDeps) {
    this.#deps = { ...deps, gate: (host) => this.gate(host) };
    this.#reservations = new Batch((gates) => this.#reserve(gates));
  }

  /** This run's view of a host. */
  gate(host: string): HostGate {
    let gate = this.#gates.get(host);
    if (gate === undefined) {
      gate = new HostGate(host, this.#deps.time, (one) => this.#reservations.load(one));
      this.#gates.set(host, gate);
    }
    return gate;
  }

  /** Follows a URL that `checkUrl` let pass to its answer. @throws StoreError, for nothing else. */
  ask(url: URL, chain: Chain, trace: Trace, options: AskOptions): Promise<Reply> {
    return follow(this.#deps, url, chain, trace, options, (hop) => this.#mayAsk(hop, chain));
  }

  /** Takes over how a host stands after an answer was recorded. */
  standing(standing: HostStanding): void {
    this.#gates.get(standing.host)?.standing(standing);
  }

  /** Whether a chain holds the probe of any host. */
  isProbe(chain: Chain): boolean {
    return [...this.#gates.values()].some((gate) => gate.isProbe(chain));
  }

  /** Ends a chain; a probe that it holds and that no answer decided is given back. */
  leave(chain: Chain): void {
    for (const gate of this.#gates.values()) {
      if (gate.leave(chain)) this.#deps.recorder.released(gate.host);
    }
  }

  /** Why robots.txt or the breaker forbid a URL, or null. */
  async #mayAsk(url: URL, chain: Chain): Promise<NoReply | NotStarted | null> {
    const gate = this.gate(hostKey(url));
    const notYet = await gate.known();
    if (notYet !== null) return notYet;
    if (gate.robots === null || gate.robots.freshUntil <= this.#deps.time.clock.now()) {
      const notRead = await this.#readRobots(gate, url, chain);
      if (notRead !== null) return notRead;
    }
    if (gate.robots === null) throw new Error(`robots.txt of ${gate.host} was not settled`);

    const verdict = robotsVerdict(gate.robots, url);
    const retryAt = new Date(gate.robots.freshUntil).toISOString();
    if (verdict.kind === "disallowed") {
      return { ...noReply("robots_disallowed", verdict.rule), retryAt };
    }
    if (verdict.kind === "unreachable") {
      const { status } = gate.robots;
      const code = status === null ? "network" : outcomeOfStatus(status);
      const message = `robots.txt cannot be read, so nothing is: ${verdict.reason}`;
      return { ...noReply(code, message, status), retryAt };
    }
    return null;
  }

  /** Reads a host's robots.txt, once for all pages that wait for it. */
  #readRobots(gate: HostGate, url: URL, chain: Chain): Promise<NotStarted | null> {
    let reading = this.#reading.get(gate.host);
    if (reading === undefined) {
      reading = this.#fetchRobots(gate, url, chain).finally(() => this.#reading.delete(gate.host));
      this.#reading.set(gate.host, reading);
    }
    return reading;
  }

  async #fetchRobots(gate: HostGate, url: URL, chain: Chain): Promise<NotStarted | null> {
    const { recorder, time } = this.#deps;
    const trace = new Trace();
    const options = {
      maxBytes: MAX_ROBOTS_BYTES,
      truncate: true,
      headers: () => Promise.resolve({ accept: "text/plain,*/*;q=0.5" }),
    };
    const anyone = () => Promise.resolve(null);
    const reply = await follow(
      this.#deps,
      new URL("/robots.txt", url),
      chain,
      trace,
      options,
      anyone,
    );
    if (reply.kind === "not_started") return reply;

    const reading = readRobots(gate.host, reply);
    recorder.robots(reading);
    const body = reading.error === null ? reading.body : gate.robots?.body ?? null;
    const freshUntil = time.clock.now() + reading.fresh_ms;
    gate.robots = { status: reading.status, body, error: reading.error, freshUntil };

    if (reading.error !== null && trace.last !== null) {
      recorder.answer({
        host: trace.last,
        outcome: reply.kind === "failed" ? reply.code : outcomeOfStatus(reply.status),
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

  /** Slots for all hosts that want some now, in one call; answered in the order of the gates. */
  async #reserve(gates: HostGate[]): Promise<HostSlots[]> {
    const { hosts, time, worker } = this.#deps;
    const horizon = Math.max(0, Math.min(HORIZON_MS, time.leftToStart()));
    const answers = await hosts.reserve(worker, gates.map((gate) => gate.request()), horizon);
    const byHost = new Map(answers.map((answer) => [answer.host, answer]));
    return gates.map(({ host }) => {
      const slots = byHost.get(host);
      if (slots === undefined) throw new Error(`no answer for ${host} when reserving slots`);
      return slots;
    });
  }
}
