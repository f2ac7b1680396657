/** The database of a stack: a copy of a prepared cluster, or the one kept in its data directory. */
import { join } from "node:path";
import { openClusterHome } from "./cluster_home.ts";
import {
  applyMigrations,
  changedMigrations,
  type Migration,
  readMigrations,
} from "./migrations.ts";
import { exists, makeOwnedDir, runUser } from "./paths.ts";
import { beginNow } from "./postgres/age.ts";
import { copyCluster } from "./postgres/cluster.ts";
import { installPostgres } from "./postgres/install.ts";
import { PostgresServer } from "./postgres/server.ts";
import { connectAs } from "./postgres/sql.ts";
import { preparedCluster } from "./postgres/template.ts";

interface DatabaseOptions {
  /** The stack's directory. */
  dataDir: string;
  /** Removed when it stops, so written without waiting for the disk. */
  temporary: boolean;
  /** Whether those of the project are applied, or which. */
  migrations: boolean | Migration[];
  /** 0 takes a free one. */
  port: number;
  say: (message: string) => void;
}

/**
 * Starts the database with all migrations applied.
 * @throws MigrationError when a migration fails; then nothing runs.
 */
export async function startDatabase(options: DatabaseOptions): Promise<PostgresServer> {
  const user = runUser();
  const installation = await installPostgres();
  const migrations = Array.isArray(options.migrations)
    ? options.migrations
    : options.migrations
    ? readMigrations()
    : [];
  const home = options.temporary
    ? makeOwnedDir(join(options.dataDir, "db"), user)
    : openClusterHome(options.dataDir, user);
  const dataDir = join(home, "data");
  const kept = exists(dataDir);
  if (!kept) {
    await copyCluster(await preparedCluster(installation, migrations, user), dataDir, user);
  }
  const server = await PostgresServer.start({
    bin: installation.bin,
    dataDir,
    logFile: join(home, "postgres.log"),
    user,
    port: options.port,
    durable: !options.temporary,
    onCrash: options.say,
    ...(options.temporary ? { removeAfter: home } : {}),
  });
  try {
    await beginNow(server.port);
    if (kept) await catchUp(server, migrations, options.say);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Makes what starting a stack would make first, so that it starts fast. @throws MigrationError */
export async function prepareDatabase(): Promise<void> {
  await preparedCluster(await installPostgres(), readMigrations(), runUser());
}

async function catchUp(
  server: PostgresServer,
  migrations: Migration[],
  say: (message: string) => void,
): Promise<void> {
  const sql = connectAs("postgres", server.port);
  try {
    for (const path of await applyMigrations(sql, migrations)) say(`applied ${path}`);
    for (const { path } of await changedMigrations(sql, migrations)) {
      say(`${path} was edited after this database applied it; start with --reset to have it anew`);
    }
  } finally {
    await sql.end();
  }
}
