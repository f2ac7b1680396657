/** One running Postgres: started, watched, started again after a crash, stopped. */
import { join } from "node:path";
import process from "node:process";
import type { RunUser } from "../paths.ts";
import { freePort } from "../ports.ts";
import { cleanEnv } from "./run.ts";

interface ServerOptions {
  /** Directory of the binaries and of `leash.sh`. */
  bin: string;
  /** The data directory, owned by `user`. */
  dataDir: string;
  logFile: string;
  user: RunUser | null;
  /** 0 takes a free one. */
  port: number;
  /** Survive a power cut. Off for what can be made again: killed processes lose nothing either way. */
  durable: boolean;
  /** Deleted once the server has stopped, even when the one who started it was killed. */
  removeAfter?: string;
  /** Called when the server died without being stopped, and when it is up again. */
  onCrash?: (message: string) => void;
}

const startTimeoutMs = 60_000;

export class PostgresServer {
  readonly port: number;
  #options: ServerOptions;
  #child: Deno.ChildProcess | null = null;
  #pid = 0;
  #up = false;
  #stopping = false;
  #watch: Promise<void> = Promise.resolve();

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.port = options.port === 0 ? freePort() : options.port;
  }

  /** Starts the server and waits until it answers. @throws with the end of its log when it does not. */
  static async start(options: ServerOptions): Promise<PostgresServer> {
    for (let tries = 1;; tries++) {
      const server = new PostgresServer(options);
      try {
        await server.#launch();
        server.#watch = server.#supervise();
        return server;
      } catch (error) {
        // Somebody may have taken the free port meanwhile.
        if (options.port !== 0 || tries === 3) throw error;
      }
    }
  }

  /** Process id of the postmaster. */
  get pid(): number {
    return this.#pid;
  }

  /** Whether it accepts connections, as far as is known. */
  get up(): boolean {
    return this.#up;
  }

  /** Stops the server (fast shutdown: open transactions are rolled back). */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== null) {
      await letGo(child);
      await child.status;
    }
    await this.#watch;
  }

  async #launch(): Promise<void> {
    const { bin, dataDir, logFile, user, durable, removeAfter } = this.#options;
    const settings = durable ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"];
    const child = new Deno.Command("/bin/sh", {
      args: [
        join(bin, "leash.sh"),
        logFile,
        join(bin, "postgres"),
        "-D",
        dataDir,
        "-p",
        String(this.port),
        ...settings,
      ],
      ...(user ?? {}),
      cwd: "/",
      clearEnv: true,
      env: removeAfter === undefined ? cleanEnv : { ...cleanEnv, REMOVE: removeAfter },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      // Its own session: Ctrl-C in the terminal reaches the stack only, which then stops the server.
      detached: true,
    }).spawn();
    this.#child = child;
    this.#pid = await firstNumber(child.stdout);
    await this.#ready(child);
    this.#up = true;
  }

  /** The postmaster writes `ready` into its pid file once it accepts connections. */
  async #ready(child: Deno.ChildProcess): Promise<void> {
    let ended = false;
    child.status.then(() => ended = true);
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline && !ended) {
      const lines = await readLines(join(this.#options.dataDir, "postmaster.pid"));
      if (lines[0] === String(this.#pid) && lines[7]?.trim() === "ready") return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await letGo(child);
    await child.status;
    const log = (await readLines(this.#options.logFile)).slice(-15).join("\n");
    throw new Error(`Postgres did not start on port ${this.port}:\n${log}`);
  }

  async #supervise(): Promise<void> {
    let waitMs = 100;
    while (true) {
      const child = this.#child;
      if (child === null) return;
      const { code, signal } = await child.status;
      this.#up = false;
      await letGo(child);
      if (this.#stopping) return;
      this.#options.onCrash?.(`Postgres died (${signal ?? code}); starting it again`);
      this.#child = null;
      endIfAlive(this.#pid);
      while (!this.#stopping) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (this.#stopping) return;
        const since = Date.now();
        try {
          await this.#launch();
          this.#options.onCrash?.(`Postgres is up again after ${Date.now() - since} ms`);
          waitMs = 100;
          break;
        } catch (error) {
          waitMs = Math.min(waitMs * 2, 5_000);
          this.#options.onCrash?.(String(error));
        }
      }
    }
  }
}

/** Ends the leash; twice is as good as once. */
async function letGo(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close().catch(() => {});
}

/** A postmaster that lost its leash would keep its directory from the next one. */
function endIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGQUIT");
  } catch { /* it has ended, as it should */ }
}

async function firstNumber(stream: ReadableStream<Uint8Array>): Promise<number> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("Postgres could not be started: /bin/sh ended at once.");
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return Number(text.trim());
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
