/** The functions' host as a child process: started, watched, started again when it dies. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { projectRoot } from "../paths.ts";
import { handOn, targetOf } from "./proxy.ts";

interface HostOptions {
  /** The directory with `config.toml` and `functions/`. */
  supabaseDir: string;
  /** What the functions see besides what Deno itself needs. */
  env: Record<string, string>;
  /** Whether a function whose code changes is started anew. */
  watch: boolean;
  /** Everything the functions print. */
  onLog: (bytes: Uint8Array) => void;
  say: (message: string) => void;
}

const script = fileURLToPath(new URL("./host.ts", import.meta.url));
/** How long a request waits for a host that is being started. */
const patienceMs = 15_000;

export class FunctionsHost {
  #options: HostOptions;
  #env: Record<string, string>;
  #child: Deno.ChildProcess | null = null;
  #port: Promise<number>;
  #stopping = false;
  #ahead: number | null = null;
  #ended: Promise<void> = Promise.resolve();

  private constructor(options: HostOptions) {
    this.#options = options;
    this.#env = options.env;
    this.#port = this.#launch();
    this.#port.catch(() => {}); // thrown to whoever awaits the port
  }

  /** Starts the process without waiting for it. */
  static launch(options: HostOptions): FunctionsHost {
    return new FunctionsHost(options);
  }

  /** @throws when the host could not be started. */
  async ready(): Promise<void> {
    await this.#port;
  }

  /** Moves the functions' clock on by so many milliseconds in all, also of a host that is started again. */
  async setAhead(ms: number): Promise<void> {
    this.#ahead = ms;
    if (this.#child !== null) await tellAhead(this.#child, ms);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Answers one request under /functions/v1; waits while the host is being started again. */
  async answer(request: Request): Promise<Response> {
    try {
      const port = await within(patienceMs, this.#port);
      return await handOn(request, port, targetOf(request.url));
    } catch (error) {
      this.#options.say(`functions: ${error instanceof Error ? error.message : error}`);
      return Response.json({
        code: "BOOT_ERROR",
        message: "The functions' host is being restarted",
      }, { status: 503 });
    }
  }

  /** Starts the host again with these variables added. */
  async setEnv(env: Record<string, string>): Promise<void> {
    this.#env = { ...this.#env, ...env };
    await this.#end();
    this.#port = this.#launch();
    await this.#port;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await child?.stdin.close().catch(() => {}); // closed already when it died
    await this.#ended;
  }

  async #launch(): Promise<number> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        "--config",
        join(projectRoot, "deno.json"),
        script,
        this.#options.supabaseDir,
        ...(this.#options.watch ? ["--watch"] : []),
      ],
      cwd: projectRoot,
      clearEnv: true,
      env: { ...denoEnv(), ...this.#env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#child = child;
    if (this.#ahead !== null) await tellAhead(child, this.#ahead);
    this.#ended = this.#supervise(child);
    const { port, rest } = await firstLine(child.stdout);
    pump(rest, this.#options.onLog);
    pump(child.stderr, this.#options.onLog);
    return port;
  }

  async #supervise(child: Deno.ChildProcess): Promise<void> {
    const started = Date.now();
    const status = await child.status;
    await child.stdin.close().catch(() => {}); // closed already when it died
    // Ended on purpose when it is no longer ours.
    if (this.#child !== child || this.#stopping) return;
    this.#options.say(
      `the functions' host died (${status.signal ?? status.code}); starting it again`,
    );
    const waitMs = Date.now() - started > 5_000 ? 50 : 1_000;
    this.#port = new Promise<void>((resolve) => setTimeout(resolve, waitMs))
      .then(() => this.#stopping ? Promise.reject(new Error("stopped")) : this.#launch());
    this.#port.catch(() => {}); // thrown to whoever awaits the port
  }
}

async function tellAhead(child: Deno.ChildProcess, ms: number): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${ms}\n`))
    .catch(() => {}) // it died; the one that takes its place is told
    .finally(() => writer.releaseLock());
}

/** What Deno needs to find its cache, and programs their temporary files. */
function denoEnv(): Record<string, string> {
  const names = [
    "PATH",
    "HOME",
    "TMPDIR",
    "DENO_DIR",
    "XDG_CACHE_HOME",
    "NPM_CONFIG_REGISTRY",
    "NO_COLOR",
    "LANG",
  ];
  const env: Record<string, string> = { NO_COLOR: "1" };
  for (const name of names) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

async function firstLine(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the functions' host ended before it listened");
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return { port: Number(text.split("\n")[0]), rest: stream };
}

async function pump(
  stream: ReadableStream<Uint8Array>,
  onLog: (bytes: Uint8Array) => void,
): Promise<void> {
  try {
    for await (const bytes of stream) onLog(bytes);
  } catch { /* the process was killed */ }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no host within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
