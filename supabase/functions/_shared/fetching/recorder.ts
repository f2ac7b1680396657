import type {
  Attempt,
  FetchReport,
  HostAnswer,
  HostStanding,
  HostStore,
  NewSnapshot,
  RobotsReading,
} from "../database/hosts.ts";
import type { Clock } from "./run_time.ts";

/**
 * So many rows, or the first so old: then what was gathered is written. Readings are written with
 * what was fetched for them, every three seconds at least, so that this is for what brings none.
 */
const MOST_ROWS = 100;
const OLDEST_MS = 5_000;

interface Gathered extends Omit<FetchReport, "attempts" | "seen"> {
  attempts: (Attempt & { at: number })[];
  seen: { id: string; at: number }[];
}

/** Gathers what a run has to write down about its fetches, and writes it in few calls, in order. */
export class Recorder {
  #hosts: HostStore;
  #worker: string;
  #clock: Clock;
  #onStanding: (standing: HostStanding) => void;
  #gathered = nothing();
  #since: number | null = null;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;

  constructor(
    hosts: HostStore,
    worker: string,
    clock: Clock,
    onStanding: (standing: HostStanding) => void,
  ) {
    this.#hosts = hosts;
    this.#worker = worker;
    this.#clock = clock;
    this.#onStanding = onStanding;
  }

  attempt(row: Attempt): void {
    this.#touch().attempts.push({ ...row, at: this.#clock.now() });
  }

  answer(row: HostAnswer): void {
    this.#touch().answers.push(row);
  }

  robots(row: RobotsReading): void {
    this.#touch().robots.push(row);
  }

  snapshot(row: NewSnapshot): void {
    this.#touch().snapshots.push(row);
  }

  /** A snapshot that was seen again unchanged. */
  seen(id: string): void {
    this.#touch().seen.push({ id, at: this.#clock.now() });
  }

  /** A probe given back. */
  released(host: string): void {
    this.#touch().released.push(host);
  }

  /** Writes when enough has gathered. @throws DatabaseError */
  async flushIfDue(): Promise<void> {
    const { attempts, snapshots } = this.#gathered;
    const old = this.#since !== null && this.#clock.now() - this.#since > OLDEST_MS;
    if (old || attempts.length >= MOST_ROWS || snapshots.length >= MOST_ROWS) await this.flush();
  }

  /**
   * Writes all that was gathered until now. Calls that come while one is under way share the next.
   * What could not be written is kept for the next call. @throws DatabaseError
   */
  flush(): Promise<void> {
    this.#queued ??= this.#last.catch(() => {}).then(() => {
      this.#queued = null;
      return this.#send();
    });
    this.#last = this.#queued;
    return this.#queued;
  }

  async #send(): Promise<void> {
    if (this.#since === null) return;
    const gathered = this.#gathered;
    const since = this.#since;
    this.#gathered = nothing();
    this.#since = null;
    const now = this.#clock.now();
    try {
      const standings = await this.#hosts.record(this.#worker, {
        ...gathered,
        attempts: gathered.attempts.map(({ at, ...row }) => ({ ...row, age_ms: age(at, now) })),
        seen: gathered.seen.map(({ id, at }) => ({ id, age_ms: age(at, now) })),
      });
      standings.forEach(this.#onStanding);
    } catch (error) {
      const newer = this.#gathered;
      this.#gathered = {
        attempts: [...gathered.attempts, ...newer.attempts],
        answers: [...gathered.answers, ...newer.answers],
        robots: [...gathered.robots, ...newer.robots],
        released: [...gathered.released, ...newer.released],
        snapshots: [...gathered.snapshots, ...newer.snapshots],
        seen: [...gathered.seen, ...newer.seen],
      };
      this.#since = since;
      throw error;
    }
  }

  #touch(): Gathered {
    this.#since ??= this.#clock.now();
    return this.#gathered;
  }
}

function age(at: number, now: number): number {
  return Math.max(0, Math.round(now - at));
}

function nothing(): Gathered {
  return { attempts: [], answers: [], robots: [], released: [], snapshots: [], seen: [] };
}
