/** A whole Supabase on this machine. */
import { startDatabase } from "./database.ts";
import { databaseUrl } from "./postgres/sql.ts";

export interface Stack {
  /** Connects as the role `postgres`, who is no superuser, as when hosted. */
  dbUrl: string;
  /** Connects as the superuser `supabase_admin`. */
  adminDbUrl: string;
  /** Process id of Postgres; it is started again when it dies. */
  postgresPid(): number;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Kept when given; otherwise a fresh directory, removed on stop. */
  dataDir?: string;
  /** Whether `supabase/migrations` are applied; default true. */
  migrations?: boolean;
  quiet?: boolean;
}

/** Starts a stack on free ports. @throws MigrationError when a migration fails. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? Deno.makeTempDirSync({ prefix: "stack-" });
  Deno.mkdirSync(dataDir, { recursive: true });
  if (temporary) Deno.chmodSync(dataDir, 0o711);
  const say = (message: string) => {
    if (options.quiet !== true) console.error(message);
  };
  const database = await startDatabase({
    dataDir: Deno.realPathSync(dataDir),
    temporary,
    migrations: options.migrations ?? true,
    port: 0,
    say,
  });
  return {
    dbUrl: databaseUrl("postgres", database.port),
    adminDbUrl: databaseUrl("supabase_admin", database.port),
    postgresPid: () => database.pid,
    async stop() {
      await database.stop();
      if (temporary) Deno.removeSync(dataDir, { recursive: true });
    },
  };
}
