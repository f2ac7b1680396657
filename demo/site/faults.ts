import type { PageChange } from "./changes.ts";

/** What goes wrong with one address. Times are milliseconds, sizes bytes. */
export type Fault =
  /** 429; `retryAfter` is seconds or an HTTP date, as it stands in the header. */
  | { kind: "rate_limited"; retryAfter: number | string }
  | { kind: "server_error"; status?: 500 | 502 | 503 }
  | { kind: "gone"; status: 404 | 410 }
  /** The answer begins late. */
  | { kind: "slow"; ms: number }
  /** The answer begins at once and its body takes this long. */
  | { kind: "slow_body"; ms: number }
  /** A challenge of a bot wall instead of the page. */
  | { kind: "bot_wall"; vendor: "cloudflare" | "perimeterx" }
  /** The frame of an application without the listing. */
  | { kind: "shell" }
  /** `to` is an absolute or a relative URL, for example one that leads to loopback. */
  | { kind: "redirect"; to: string; status?: 301 | 302 | 303 | 307 | 308 }
  | { kind: "redirect_loop" }
  /** A page of this size; without `declared` no Content-Length warns of it. */
  | { kind: "huge"; bytes: number; declared?: boolean }
  /** Only this share of the page, 0 to 1. */
  | { kind: "truncated"; share: number }
  /** The connection breaks after this share of the page. */
  | { kind: "broken_off"; share: number }
  | { kind: "empty" }
  /** A charset that does not exist, and bytes that are no UTF-8 in the text. */
  | { kind: "wrong_charset"; label?: string }
  | { kind: "nested"; depth: number }
  /** The bytes of a web page under an image's name and type. */
  | { kind: "html_as_image" }
  /** The page comes, and says something else than the catalogue. */
  | { kind: "page_says"; change: PageChange };

/** To which requests of the address the fault applies, counted from when it was set; all by default. */
export interface When {
  /** The first so many requests. */
  first?: number;
  /** Request 1 and every so-many-th after it: 3 gives 1, 4, 7 … */
  every?: number;
  /** All requests after the first so many. */
  after?: number;
}

interface Entry {
  fault: Fault;
  when: When;
  seen: number;
}

const applies = ({ first, every, after }: When, request: number): boolean =>
  (first === undefined || request <= first) &&
  (every === undefined || (request - 1) % every === 0) &&
  (after === undefined || request > after);

/** The faults of a site, by address or by host. An address's own fault goes before its host's. */
export class FaultBook {
  readonly #entries = new Map<string, Entry>();

  /** Sets, or with null removes, the fault of a key (`addressKey` of mirror.ts, or a host name). */
  set(key: string, fault: Fault | null, when: When = {}): void {
    if (fault === null) this.#entries.delete(key);
    else this.#entries.set(key, { fault, when, seen: 0 });
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The fault of the next request of one of the keys, which counts as made. */
  take(...keys: string[]): Fault | null {
    let found: Fault | null = null;
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (!entry) continue;
      entry.seen++;
      if (found === null && applies(entry.when, entry.seen)) found = entry.fault;
    }
    return found;
  }

  /** The fault that the next request would meet, without counting. */
  peek(...keys: string[]): Fault | null {
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry && applies(entry.when, entry.seen + 1)) return entry.fault;
    }
    return null;
  }
}
