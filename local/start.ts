/** `deno task start`: a stack in the foreground. */
import { join } from "node:path";
import { removeClusterHome } from "./cluster_home.ts";
import { TASK } from "./command_line.ts";
import { functionEnv } from "./env.ts";
import { exists, projectRoot } from "./paths.ts";
import { preferPort } from "./ports.ts";
import { type Stack, startStack } from "./stack.ts";
import { readState, removeState, writeState } from "./state.ts";

/** A mistake of the one who called. */
export class UsageError extends Error {}

interface StartOptions {
  reset?: boolean;
  quiet?: boolean;
  "allow-drop"?: boolean;
  "db-only"?: boolean;
  port?: string;
  "db-port"?: string;
  dir?: string;
}

/** Runs until SIGINT or SIGTERM. @throws when a stack runs already, or a migration fails. */
export async function start(options: StartOptions): Promise<void> {
  const dataDir = options.dir ?? join(projectRoot, ".stack");
  const running = await readState(dataDir);
  if (running !== null) {
    throw new Error(
      `A stack runs already at ${running.values.API_URL} (process ${running.pid}); see: ${TASK} status`,
    );
  }
  if (options.reset) reset(dataDir);
  const stack = await startStack({
    ...(options["db-only"]
      ? { cron: false }
      : { dataDir, functionEnv: functionEnv(), watch: true }),
    port: wanted(options.port, 54321),
    dbPort: wanted(options["db-port"], 54322),
    quiet: options.quiet ?? false,
    allowDrop: options["allow-drop"] ?? false,
  });
  if (options["db-only"]) console.log(stack.dbUrl);
  else {
    writeState(dataDir, stack);
    console.log(welcome(stack));
  }
  await interrupted();
  console.error("stopping…");
  removeState(dataDir);
  await stack.stop();
}

/** A port somebody asked for is taken or it fails; the usual one gives way. */
function wanted(given: string | undefined, usual: number): number {
  if (given === undefined) return preferPort(usual);
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UsageError(`"${given}" is no port.`);
  }
  return port;
}

function reset(dataDir: string): void {
  removeClusterHome(dataDir);
  const storage = join(dataDir, "storage");
  if (exists(storage)) Deno.removeSync(storage, { recursive: true });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    Deno.addSignalListener("SIGINT", resolve);
    Deno.addSignalListener("SIGTERM", resolve);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", resolve);
  });
}

function welcome(stack: Stack): string {
  return `
  API              ${stack.url}
  Database         ${stack.dbUrl}
  Functions        ${stack.url}/functions/v1/<name>
  Functions' log   ${stack.functionsLog}
  Publishable key  ${stack.keys.publishable}
  Secret key       ${stack.keys.secret}

  Try, in another terminal:
    eval "$(${TASK} -q status)"
    curl -X POST $API_URL/functions/v1/micro-scrape-bandaid -H "apikey: $SECRET_KEY" -d '{"dry_run": true}'
    curl "$API_URL/rest/v1/vehicles?select=year,make,model&limit=5" -H "apikey: $SECRET_KEY"
    ${TASK} sql

  A function whose code you change runs the new code from its next request on; what it reads from
  supabase/functions/.env, after a new start.
  Ctrl-C stops it; what it holds is kept, until it is started with --reset.
`;
}
