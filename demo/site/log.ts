import { addressKey, keyOf, type MirrorTarget } from "./mirror.ts";

/** One request that reached the site; `at` and `ms` are milliseconds. */
export interface RequestRecord {
  host: string;
  path: string;
  at: number;
  status: number;
  userAgent: string | null;
  ifNoneMatch: string | null;
}

export interface HostStats {
  requests: number;
  byStatus: Record<number, number>;
  /** Most requests that were being answered at one time. */
  mostAtOnce: number;
  /** The shortest time between two requests' beginnings; null before the second. */
  shortestGapMs: number | null;
}

/** What was asked for and how it was answered. */
export class RequestLog {
  readonly records: RequestRecord[] = [];
  readonly #counts = new Map<string, number>();
  readonly #hosts = new Map<string, HostStats & { now: number; last: number }>();

  /** Notes a request's beginning; call what it gives back with the status when it is answered. */
  begin(target: MirrorTarget, request: Request): (status: number) => void {
    const at = Date.now();
    const key = addressKey(target.host, target.path);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    const host = this.#hosts.get(target.host) ??
      { requests: 0, byStatus: {}, mostAtOnce: 0, shortestGapMs: null, now: 0, last: 0 };
    this.#hosts.set(target.host, host);
    if (host.requests > 0) {
      host.shortestGapMs = Math.min(host.shortestGapMs ?? Infinity, at - host.last);
    }
    host.requests++;
    host.last = at;
    host.mostAtOnce = Math.max(host.mostAtOnce, ++host.now);
    return (status) => {
      host.now--;
      host.byStatus[status] = (host.byStatus[status] ?? 0) + 1;
      this.records.push({
        host: target.host,
        path: target.path + target.search,
        at,
        status,
        userAgent: request.headers.get("user-agent"),
        ifNoneMatch: request.headers.get("if-none-match"),
      });
    };
  }

  /** How often an address was asked for, whatever its query. */
  count(realUrl: string): number {
    return this.#counts.get(keyOf(realUrl)) ?? 0;
  }

  stats(): Record<string, HostStats> {
    return Object.fromEntries(
      [...this.#hosts].map(([name, { requests, byStatus, mostAtOnce, shortestGapMs }]) => [
        name,
        { requests, byStatus: { ...byStatus }, mostAtOnce, shortestGapMs },
      ]),
    );
  }

  clear(): void {
    this.records.length = 0;
    this.#counts.clear();
    this.#hosts.clear();
  }
}
