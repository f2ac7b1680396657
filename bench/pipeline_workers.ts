/** Workers that are processes of their own, and a supervisor that starts a dead one again. */
import { z } from "zod";
import { functionEnvironment } from "../local/functions/environment.ts";
import type { Stack } from "../local/stack.ts";
import { type Child, startChild } from "./child.ts";

const FUNCTION = "process-import-queue";
const ENTRY = new URL(`../supabase/functions/${FUNCTION}/index.ts`, import.meta.url).href;
/** Between two calls of a worker that found nothing to do. */
const IDLE_MS = 50;
/** Until a worker that died stands again. */
const RESTART_MS = 2_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const said = z.object({ port: z.int().optional(), claimed: z.array(z.string()).optional() });

interface CrewOptions {
  stack: Pick<Stack, "url" | "dbUrl" | "keys">;
  mirror: string;
  workers: number;
  /** What each call is asked: the rows of a claim, and how long it may take. */
  body: { batch_size: number; max_runtime_ms: number };
  onRestart?: (worker: number) => void;
}

/** A worker that was killed: when (epoch milliseconds), and the rows that it had leased. */
export interface Kill {
  worker: number;
  at: number;
  rows: string[];
}

interface Worker {
  child: Child;
  url: string;
  alive: boolean;
  /** The rows of its last claim, in the middle of a call. */
  holds: string[];
}

/** Runs process-import-queue over and over in several processes, as invocations and cron would. */
export class Crew {
  #options: CrewOptions;
  #workers: Worker[] = [];
  #loops: Promise<void>[] = [];
  #stopped = false;
  #broken: Error | null = null;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Starts all workers; resolves when they are at work. */
  async start(): Promise<void> {
    const { workers } = this.#options;
    this.#workers = await Promise.all(Array.from({ length: workers }, () => this.#spawn()));
    this.#loops = this.#workers.map((_, i) => this.#loop(i));
  }

  /** @throws Error what a function answered that was no success. */
  check(): void {
    if (this.#broken) throw this.#broken;
  }

  /**
   * Kills a worker (SIGKILL) that has leased rows, none of them one of `spared`; another process
   * takes its place soon. Null when nobody has such rows now.
   * @param first the worker that is killed when it has; else the next one that has.
   */
  async kill(first: number, spared: ReadonlySet<string>): Promise<Kill | null> {
    const count = this.#workers.length;
    for (let i = 0; i < count; i++) {
      const worker = (first + i) % count;
      const it = this.#workers[worker];
      if (!it?.alive || it.holds.length === 0 || it.holds.some((id) => spared.has(id))) continue;
      it.alive = false;
      const kill = { worker, at: Date.now(), rows: it.holds };
      await it.child.kill();
      return kill;
    }
    return null;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    await Promise.all(this.#workers.map((it) => it.alive ? it.child.kill() : null));
  }

  async #spawn(): Promise<Worker> {
    const { stack, mirror } = this.#options;
    const child = startChild("pipeline_process.ts", {
      args: [ENTRY],
      env: { ...functionEnvironment(stack), SOURCE_MIRROR_URL: mirror },
    });
    const { port = 0 } = said.parse(await child.next());
    const url = `http://127.0.0.1:${port}/${FUNCTION}`;
    const worker: Worker = { child, url, alive: true, holds: [] };
    void (async () => {
      for (;;) worker.holds = said.parse(await child.next()).claimed ?? [];
    })().catch(() => {}); // it ended
    return worker;
  }

  async #loop(index: number): Promise<void> {
    while (!this.#stopped && !this.#broken) {
      const worker = this.#workers[index];
      if (!worker) return;
      if (!worker.alive) {
        await pause(RESTART_MS);
        if (this.#stopped) return;
        this.#workers[index] = await this.#spawn();
        this.#options.onRestart?.(index);
        continue;
      }
      try {
        if (!await this.#call(worker)) await pause(IDLE_MS);
      } catch (error) {
        // A call that is cut off by the kill is no answer.
        if (worker.alive) this.#broken = error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  /** One run; whether it did anything. */
  async #call(worker: Worker): Promise<boolean> {
    try {
      const answer = await fetch(worker.url, {
        method: "POST",
        headers: {
          apikey: this.#options.stack.keys.secret,
          "content-type": "application/json",
        },
        body: JSON.stringify(this.#options.body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${FUNCTION} answered ${answer.status}: ${text}`);
      return z.object({ processed: z.int() }).parse(JSON.parse(text)).processed > 0;
    } finally {
      if (worker.alive) worker.holds = [];
    }
  }
}
