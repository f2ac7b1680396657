/** The database of a stack: a copy of a prepared cluster, or the one kept in its data directory. */
import { basename, join } from "node:path";
import { openClusterHome } from "./cluster_home.ts";
import { applyMigrations, compareRecord, type Migration, readMigrations } from "./migrations.ts";
import { exists, makeOwnedDir, runUser } from "./paths.ts";
import { beginNow } from "./postgres/age.ts";
import { copyCluster } from "./postgres/cluster.ts";
import { installPostgres } from "./postgres/install.ts";
import { PostgresServer } from "./postgres/server.ts";
import { connectAs } from "./postgres/sql.ts";
import { preparedCluster } from "./postgres/template.ts";
import { frozenProblems } from "./releases.ts";

interface DatabaseOptions {
  /** The stack's directory. */
  dataDir: string;
  /** Removed when it stops, so written without waiting for the disk. */
  temporary: boolean;
  /** Whether those of the project are applied, or which. */
  migrations: boolean | Migration[];
  /** 0 takes a free one. */
  port: number;
  /** Whether a database of other migrations is brought in line also when that loses data. */
  allowDrop?: boolean;
  say: (message: string) => void;
}

/**
 * Starts the database with all migrations applied. One that is kept is upgraded, with its data.
 * @throws MigrationError when a migration fails, UpgradeError when it cannot be upgraded; then nothing runs.
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
  const launch = () =>
    PostgresServer.start({
      bin: installation.bin,
      dataDir,
      logFile: join(home, "postgres.log"),
      user,
      port: options.port,
      durable: !options.temporary,
      onCrash: options.say,
      ...(options.temporary ? { removeAfter: home } : {}),
    });
  const { allowDrop = false, say } = options;
  let server = await launch();
  try {
    await beginNow(server.port);
    if (kept && await isOfOtherMigrations(server.port, migrations, say)) {
      await server.stop();
      const { reconcile } = await import("./upgrade/reconcile.ts");
      await reconcile({ installation, user, home, migrations, allowDrop, say });
      server = await launch();
    }
    if (kept) await catchUp(server.port, migrations, say);
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

/**
 * Whether a database was made by migrations that are no longer what they were, in words.
 * @throws when a released one was edited, and not the database is older
 */
async function isOfOtherMigrations(
  port: number,
  migrations: Migration[],
  say: (message: string) => void,
): Promise<boolean> {
  if (migrations.length === 0) return false;
  const sql = connectAs("postgres", port);
  const { edited, ahead, gone } = await compareRecord(sql, migrations).finally(() => sql.end());
  if (ahead.length > 0) {
    say(`This database is ahead of this checkout, and stays so: it has ${ahead.join(", ")}`);
  }
  if (edited.length + gone.length === 0) return false;
  const frozen = frozenProblems().map(({ file, message }) => `${file} ${message}`);
  if (frozen.length > 0) {
    throw new Error(
      `This database has a release, whose migrations are not as they were:\n${frozen.join("\n")}`,
    );
  }
  const files = [...edited.map(({ path }) => basename(path)), ...gone];
  const some = files.slice(0, 3).join(", ") + (files.length > 3 ? ", …" : "");
  say(
    `This database was made before ${files.length} migrations were edited (${some}): bringing it in line.`,
  );
  return true;
}

async function catchUp(
  port: number,
  migrations: Migration[],
  say: (message: string) => void,
): Promise<void> {
  const sql = connectAs("postgres", port);
  try {
    for (const path of await applyMigrations(sql, migrations)) say(`applied ${basename(path)}`);
  } finally {
    await sql.end();
  }
}
