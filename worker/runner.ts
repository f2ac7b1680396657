/** The loop: asks what is due, and makes runs of it while there are places. */
import type { ToldOfFunction } from "../supabase/functions/_shared/database/outside_workers.ts";
import { systemClock } from "../supabase/functions/_shared/fetching/run_time.ts";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { QueueWorker } from "./queues.ts";
import { QueueRun, type RunDeps } from "./run.ts";
import type { Say } from "./say.ts";

/** With nothing to do it asks every 15 to 30 seconds: no less, since a minute of silence counts as death. */
const [FIRST_IDLE_MS, LONGEST_IDLE_MS] = [1_000, 30_000];
/** Between two questions, whatever happens. */
const LEAST_PAUSE_MS = 50;

/** How one queue stands here. */
interface QueueState {
  readonly worker: QueueWorker;
  readonly runs: Set<QueueRun>;
  /** Why no run begins, where an operator switched it off. */
  paused: string | null;
  /** When its last run ended, epoch milliseconds. */
  lastRunAt: number | null;
  lastError: { at: number; message: string } | null;
  /** It was looked at, whether anything was due or not. */
  tried: boolean;
  /** Runs begin again then: the last one found nothing, or broke. */
  restsUntil: number;
  readonly rest: Backoff;
}

interface RunnerOptions {
  places: number;
  /** Rows a run takes; undefined: as its function has it, or the cycle wants. */
  batch: number | undefined;
  /** Ends when nothing is due any more. */
  once: boolean;
}

/** Works off queues until it is stopped. */
export class Runner {
  readonly queues: readonly QueueState[];
  /** Whether a run broke. */
  broke = false;
  readonly #idle = new Backoff(FIRST_IDLE_MS, LONGEST_IDLE_MS);
  readonly #underWay = new Set<Promise<void>>();
  #nudge = Promise.withResolvers<void>();

  constructor(
    workers: readonly QueueWorker[],
    private readonly options: RunnerOptions,
    private readonly connection: Connection,
    private readonly deps: RunDeps,
    private readonly say: Say,
  ) {
    this.queues = workers.map((worker) => ({
      worker,
      runs: new Set(),
      paused: null,
      lastRunAt: null,
      lastError: null,
      tried: false,
      restsUntil: 0,
      rest: new Backoff(FIRST_IDLE_MS, LONGEST_IDLE_MS),
    }));
  }

  /** Runs under way. */
  get atWork(): number {
    return this.#underWay.size;
  }

  /**
   * Begins runs until it is stopped, or with `once` nothing is due; those that it began may go on.
   * @throws Refused when the project takes nothing from it, Error when with `once` it does not answer.
   */
  async run(): Promise<void> {
    const { soon } = this.deps.stop;
    soon.addEventListener("abort", () => this.#nudge.resolve());
    while (!soon.aborted) {
      const told = await this.connection.heartbeat();
      if (told === null && this.options.once) {
        throw new Error(`the database does not answer: ${this.connection.away?.error}`);
      }
      if (soon.aborted) return;
      const begun = told === null ? 0 : this.#begin(told);
      if (this.options.once && begun === 0 && this.atWork === 0) return;
      await this.#pause();
    }
  }

  /** Resolves when no run is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Waits until there is news, or it is time to ask again. */
  async #pause(): Promise<void> {
    const wait = this.#idle.next();
    const timer = new AbortController();
    this.deps.stop.soon.addEventListener("abort", () => timer.abort(), { signal: timer.signal });
    await systemClock.sleep(LEAST_PAUSE_MS, timer.signal);
    await Promise.race([systemClock.sleep(wait, timer.signal), this.#nudge.promise]);
    timer.abort();
    this.#nudge = Promise.withResolvers();
  }

  /** There may be more to do: asks at once. */
  #ask(): void {
    this.#idle.reset();
    this.#nudge.resolve();
  }

  /** Begins a run of each queue that has something due, as far as there are places; gives how many. */
  #begin(told: readonly ToldOfFunction[]): number {
    const of = new Map(told.map((one) => [one.function, one]));
    const wanted = this.queues.filter((queue) => {
      const one = of.get(queue.worker.function);
      this.#notePause(queue, one?.paused ?? null);
      const isFirst = this.options.once && !queue.tried && queue.paused === null;
      return (one?.claimable === true || isFirst) && Date.now() >= queue.restsUntil &&
        // One run at a time is on its way to its claim.
        [...queue.runs].every(({ rows }) => rows > 0);
    });
    // Who has the fewest runs comes first, so that a long queue keeps no other waiting.
    const next = wanted.sort((one, other) => one.runs.size - other.runs.size)
      .slice(0, Math.max(0, this.options.places - this.atWork));
    for (const queue of next) {
      const wish = of.get(queue.worker.function)?.batch_size ?? undefined;
      const working = this.#work(queue, this.options.batch ?? wish);
      this.#underWay.add(working);
      working.finally(() => this.#underWay.delete(working));
    }
    return next.length;
  }

  #notePause(queue: QueueState, paused: string | null): void {
    if (paused === queue.paused) return;
    queue.paused = paused;
    const name = queue.worker.queue;
    this.say(paused === null ? `${name} goes on` : `${name} is paused: ${paused}`);
  }

  async #work(queue: QueueState, batch: number | undefined): Promise<void> {
    const run = new QueueRun(queue.worker, this.deps, () => this.#ask());
    queue.runs.add(run);
    queue.tried = true;
    const isWell = await run.work(batch);
    queue.runs.delete(run);
    queue.lastRunAt = Date.now();
    if (run.lastError !== null) queue.lastError = { at: Date.now(), message: run.lastError };
    if (!isWell) this.broke = true;
    if (isWell && run.rows > 0) queue.rest.reset();
    else queue.restsUntil = Date.now() + queue.rest.next();
    if (isWell && run.rows > 0 || this.atWork >= this.options.places) this.#ask();
    else if (this.options.once) this.#nudge.resolve();
  }
}
