import { hostOf } from "../domain/host.ts";
import { runNotes } from "../domain/run_notes.ts";
import { clean, cleanOrNull } from "../domain/text.ts";
import type { ResponseClass } from "./classify_response.ts";
import type { Trace } from "./client/redirects.ts";
import { MAX_URL_LENGTH } from "./client/ssrf_guard.ts";
import { isRefusal, mattersToBreaker } from "./outcome.ts";
import type { Chain } from "./politeness/host_limiter.ts";
import type { PoliteClient } from "./politeness/polite_client.ts";
import type { Recorder } from "./recorder.ts";
import type { Failed } from "./result.ts";
import type { RunTime } from "./run_time.ts";

/** A host that refused without saying for how long is left alone for the rest of a run. */
const REFUSED_MS = 60_000;

/** What is larger takes long without its host being slow. */
const LARGE_BYTES = 500_000;

/** Writes attempts down, and draws from them what this run may still ask of a host. */
export class Attempts {
  #client: PoliteClient;
  #recorder: Recorder;
  #time: RunTime;
  #sourceOf: (url: string) => string;

  constructor(
    client: PoliteClient,
    recorder: Recorder,
    time: RunTime,
    sourceOf: (url: string) => string = hostOf,
  ) {
    this.#client = client;
    this.#recorder = recorder;
    this.#time = time;
    this.#sourceOf = sourceOf;
  }

  /**
   * Writes one attempt down, at once when the host's breaker or a wait may follow from it, and gives
   * it as a failure, for those that are one. @throws DatabaseError
   */
  async settle(
    url: string,
    chain: Chain,
    trace: Trace,
    classified: ResponseClass,
    bytes: number,
  ): Promise<Failed> {
    const { code, status, waitMs } = classified;
    const message = cleanOrNull(classified.message, 500);
    const host = trace.last ?? trace.passed.at(-1) ?? hostOf(url);
    this.#recorder.attempt({
      source: this.#sourceOf(url),
      host,
      url: clean(url, MAX_URL_LENGTH),
      outcome: code,
      status,
      ms: trace.ms,
      bytes,
      message,
    });
    runNotes()?.fetched({ host, url, outcome: code, status, ms: trace.ms });

    for (const passed of new Set(trace.passed)) {
      if (passed === trace.last) continue;
      this.#recorder.answer({
        host: passed,
        outcome: "ok",
        status: null,
        ms: null,
        retry_after_ms: null,
        message: null,
      });
    }
    const limiter = this.#client.limiter(host);
    if (trace.last !== null) {
      this.#recorder.answer({
        host,
        outcome: code,
        status,
        ms: bytes > LARGE_BYTES ? null : trace.ms,
        retry_after_ms: waitMs,
        message,
      });
      if (isRefusal(code) || waitMs !== null) {
        limiter.stop("host_busy", `${host}: ${message ?? code}`, waitMs ?? REFUSED_MS);
      }
    }
    if (mattersToBreaker(code) || waitMs !== null || this.#client.isProbe(chain)) {
      await this.#recorder.flush();
    }

    const asked = waitMs === null ? classified.retryAt : this.#time.at(waitMs);
    const barred = mattersToBreaker(code) ? limiter.barredUntil() : null;
    const retryAt = later(asked, barred);
    return { kind: "failed", code, status, message: message ?? code, retryAt };
  }

  /** Writes down that a URL is never fetched. */
  invalid(url: string, reason: string): Failed {
    this.#recorder.attempt({
      source: "unknown",
      host: null,
      url: clean(url, MAX_URL_LENGTH),
      outcome: "invalid",
      status: null,
      ms: 0,
      bytes: 0,
      message: clean(reason, 500),
    });
    const message = `this URL is not fetched: ${reason}`;
    return { kind: "failed", code: "invalid", status: null, message, retryAt: null };
  }
}

/** The later of two ISO times in UTC. */
function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
