/** A whole Supabase on this machine. */
import { join } from "node:path";
import { keysOf } from "./api/keys.ts";
import { startGateway } from "./api/gateway.ts";
import { type Clock, movableClock } from "./clock.ts";
import { startDatabase } from "./database.ts";
import { functionEnvironment } from "./functions/environment.ts";
import { FunctionsHost } from "./functions/process.ts";
import { openLog } from "./log.ts";
import { projectRoot } from "./paths.ts";
import { databaseUrl } from "./postgres/sql.ts";
import { keepSecrets } from "./secrets.ts";
import { makeTemporaryDir } from "./temporary.ts";
import { pauseJobs, startCron } from "./workers/cron.ts";
import { startNet } from "./workers/net.ts";

export interface Stack {
  /** The gateway: /rest/v1, /auth/v1, /storage/v1, /functions/v1. */
  url: string;
  /** Connects as the role `postgres`, who is no superuser, as when hosted. */
  dbUrl: string;
  /** Connects as the superuser `supabase_admin`. */
  adminDbUrl: string;
  keys: { publishable: string; secret: string; anon: string; serviceRole: string };
  /** Everything the edge functions printed. */
  functionsLog: string;
  /** Adds to what the functions see in their environment; starts their host again. */
  setFunctionEnv(env: Record<string, string>): Promise<void>;
  /** Makes the REST API see tables made after its first request. */
  forgetSchema(): Promise<void>;
  /** Process ids, for real kills; both are started again when they die. */
  functionsPid(): number;
  postgresPid(): number;
  /** Set when the stack was started with `movableClock`. */
  clock: Clock | null;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Kept when given; otherwise a fresh directory, removed on stop. */
  dataDir?: string;
  /** Of the gateway; 0, the default, takes a free one. */
  port?: number;
  /** Of Postgres; 0, the default, takes a free one. */
  dbPort?: number;
  functionEnv?: Record<string, string>;
  /** Whether `supabase/migrations` are applied; default true. */
  migrations?: boolean;
  /** Whether a kept database of other migrations is brought in line also when that loses data. */
  allowDrop?: boolean;
  /** Whether cron jobs and pg_net requests are carried out; default true. */
  cron?: boolean;
  /** Whether its clock can be moved on; only of a stack without a `dataDir`. Default false. */
  movableClock?: boolean;
  /** Jobs of cron, by name, that are switched off before it starts. */
  pausedJobs?: string[];
  /** Says nothing and keeps the functions' words in the log only. */
  quiet?: boolean;
  /** Whether a function whose code changes runs the new code from its next request on; default false. */
  watch?: boolean;
  /** Another directory with `functions/`, for tests of the stack itself. */
  supabaseDir?: string;
}

/**
 * Starts a stack. Everything it starts ends with this process, however this process ends.
 * @throws MigrationError when a migration fails; then nothing is left running.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const temporary = options.dataDir === undefined;
  const dataDir = prepareDir(options.dataDir);
  const log = openLog(join(dataDir, "functions.log"), options.quiet === true);
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  if (temporary) undo.push(() => Deno.removeSync(dataDir, { recursive: true }));
  undo.push(() => log.close());
  try {
    const keys = keysOf(dataDir);
    const database = await startDatabase({
      dataDir,
      temporary,
      migrations: options.migrations ?? true,
      port: options.dbPort ?? 0,
      allowDrop: options.allowDrop,
      say: log.say,
    });
    undo.push(() => database.stop());
    const dbUrl = databaseUrl("postgres", database.port);
    // The host needs the gateway's address, and the gateway the host.
    let host: FunctionsHost | null = null;
    const gateway = startGateway({
      databasePort: database.port,
      keys,
      storageDir: join(dataDir, "storage"),
      port: options.port ?? 0,
      databaseUp: () => database.up,
      functions: (request) =>
        host?.answer(request) ?? Promise.resolve(new Response(null, { status: 503 })),
    });
    undo.push(() => gateway.stop());
    const functions = FunctionsHost.launch({
      supabaseDir: options.supabaseDir ?? join(projectRoot, "supabase"),
      watch: options.watch ?? false,
      env: {
        ...functionEnvironment({ url: gateway.url, dbUrl, keys }),
        ...options.functionEnv,
      },
      onLog: log.write,
      say: log.say,
    });
    undo.push(() => functions.stop());
    await keepSecrets(database.port, {
      project_url: gateway.url,
      service_role_key: keys.serviceRole,
    });
    await functions.ready();
    host = functions;
    const clock = options.movableClock && temporary
      ? await movableClock(database.port, (ms) => functions.setAhead(ms))
      : null;
    if (options.cron !== false) {
      if (options.pausedJobs !== undefined) await pauseJobs(database.port, options.pausedJobs);
      undo.push(startCron(database.port, log.say, clock?.now), startNet(database.port));
    }
    const { jwtSecret: _, ...apiKeys } = keys;
    return {
      url: gateway.url,
      dbUrl,
      adminDbUrl: databaseUrl("supabase_admin", database.port),
      keys: apiKeys,
      functionsLog: join(dataDir, "functions.log"),
      setFunctionEnv: (env) => functions.setEnv(env),
      forgetSchema: () => gateway.forgetSchema(),
      functionsPid: () => functions.pid,
      postgresPid: () => database.pid,
      clock,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function prepareDir(wanted: string | undefined): string {
  if (wanted === undefined) return makeTemporaryDir();
  Deno.mkdirSync(wanted, { recursive: true });
  return Deno.realPathSync(wanted);
}
