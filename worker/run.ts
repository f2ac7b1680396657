/** One run of a worker, noted as an edge function's is, and counted. */
import { wasRead } from "../supabase/functions/_shared/domain/outcome.ts";
import {
  type FetchNote,
  type RowNote,
  type RunNotes,
  withRunNotes,
} from "../supabase/functions/_shared/domain/run_notes.ts";
import { type RunStop, withRunStop } from "../supabase/functions/_shared/domain/run_stop.ts";
import { explain, log } from "../supabase/functions/_shared/edge/log.ts";
import { RunLog } from "../supabase/functions/_shared/edge/run_log.ts";
import type { Context } from "../supabase/functions/_shared/edge/serve.ts";
import type { QueueWorker } from "./queues.ts";
import type { Tally } from "./tally.ts";

/** A run has no limit of CPU here; it ends, so that others get its place and the levers are looked at again. */
const RUN_MS = 60_000;

/** What a run needs to know. */
export interface RunDeps {
  project: Pick<Context, "database" | "env">;
  stop: RunStop;
  tally: Tally;
}

/** A run under way. */
export class QueueRun implements RunNotes {
  readonly about: RunNotes["about"];
  /** Rows that it has claimed so far. */
  rows = 0;
  /** Rows that it holds now. */
  held = 0;
  /** What went wrong last. */
  lastError: string | null = null;
  readonly #log: RunLog;

  /** @param onClaim is called when it has claimed its first rows. */
  constructor(
    readonly worker: QueueWorker,
    private readonly deps: RunDeps,
    private readonly onClaim: () => void,
  ) {
    this.#log = new RunLog(worker.function);
    this.about = this.#log.about;
  }

  /**
   * Works until no row is left, its time is up or it is stopped. Never throws.
   * @param batch rows that it takes; undefined: as the function has it.
   * @returns whether it came to its end; otherwise `lastError` says why not.
   */
  async work(batch: number | undefined): Promise<boolean> {
    const context = { ...this.deps.project, startedAt: Date.now(), cpuMs: () => 0 };
    const asked = {
      background: true,
      max_runtime_ms: RUN_MS,
      ...(batch === undefined ? {} : { batch_size: batch }),
    };
    const run = () => this.worker.run(asked, context);
    return await withRunStop(
      this.deps.stop,
      () => withRunNotes(this, async () => await this.#ended(run)),
    );
  }

  async #ended(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      this.#log.end({ status: 200 });
      return true;
    } catch (error) {
      const errorId = crypto.randomUUID();
      this.lastError = explain(error);
      const stack = error instanceof Error ? error.stack : undefined;
      log("error", this.lastError, { error_id: errorId, stack });
      this.#log.end({ status: 500, errorId });
      return false;
    }
  }

  claimed(rows: number): void {
    this.#log.claimed(rows);
    this.deps.tally.add(this.worker.queue, "claimed", rows);
    const isFirst = this.rows === 0 && rows > 0;
    this.rows += rows;
    this.held += rows;
    if (isFirst) this.onClaim();
  }

  released(rows: number): void {
    this.#log.released(rows);
    this.deps.tally.add(this.worker.queue, "handed_back", rows);
    this.held -= rows;
  }

  ended(row: RowNote): void {
    this.#log.ended(row);
    const { outcome, error, url } = row;
    const failed = outcome === null ? error !== null : !wasRead(outcome) && outcome !== "skipped";
    this.deps.tally.add(this.worker.queue, failed ? "failed" : "done");
    this.held--;
    if (failed) this.lastError = [outcome, url, error].filter((one) => one !== null).join(": ");
  }

  fetched(attempt: FetchNote): void {
    this.#log.fetched(attempt);
  }
}
