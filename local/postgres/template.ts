/** Prepared clusters in the cache, so that a stack starts by copying one. */
import { join } from "node:path";
import { getAuthSchemaSql, getStorageSchemaSql } from "@supabase/lite";
import { applyMigrations, type Migration } from "../migrations.ts";
import { cacheDir, exists, makeOwnedDir, projectRoot, type RunUser } from "../paths.ts";
import { markPrepared } from "./age.ts";
import { copyCluster, initCluster } from "./cluster.ts";
import { digestFiles } from "./digest.ts";
import { type Installation, moveIntoPlace } from "./install.ts";
import { PostgresServer } from "./server.ts";
import { connectAs } from "./sql.ts";
import { sqlDir, sqlText } from "./sql_files.ts";

/** Bumped when the way a cluster is made changes without any file that is hashed. */
const recipe = "1";

/**
 * A stopped cluster that holds what a hosted database has before the first migration and, if given, the
 * migrations. Made once for each state of the files, then kept in the cache.
 * @returns its directory, to be copied.
 */
export async function preparedCluster(
  installation: Installation,
  migrations: Migration[],
  user: RunUser | null,
): Promise<string> {
  const initialSql = [getAuthSchemaSql(), getStorageSchemaSql()];
  const cluster = Deno.readTextFileSync(join(projectRoot, "local/postgres/cluster.ts"));
  const words = [recipe, installation.key, cluster, ...initialSql];
  const baseKey = (await digestFiles(words, sqlDir)).slice(0, 16);
  const base = join(cacheDir(), `base-${baseKey}`);
  if (!exists(base)) await makeBase(installation, base, initialSql, user);
  if (migrations.length === 0) return join(base, "data");
  const texts = migrations.flatMap((
    migration,
  ) => [migration.version, migration.name, migration.text]);
  const key = (await digestFiles([baseKey, ...texts], sqlDir)).slice(0, 16);
  const migrated = join(cacheDir(), `migrated-${key}`);
  if (exists(migrated)) touch(migrated);
  else {
    await makeMigrated(installation, join(base, "data"), migrated, migrations, user);
    forgetOld();
  }
  return join(migrated, "data");
}

async function makeBase(
  installation: Installation,
  home: string,
  initialSql: string[],
  user: RunUser | null,
): Promise<void> {
  await draft(home, user, async (dir) => {
    const passwordFile = join(dir, "password");
    Deno.writeTextFileSync(passwordFile, "postgres\n");
    Deno.chmodSync(passwordFile, 0o644);
    await initCluster(installation, join(dir, "data"), passwordFile, user);
    Deno.removeSync(passwordFile);
    await withServer(installation, dir, user, async (port) => {
      const sql = connectAs("supabase_admin", port);
      const file = (name: string) => sql.unsafe(sqlText(name));
      await file("roles.sql");
      await file("schemas.sql");
      for (const text of initialSql) await sql.unsafe(text);
      await file("auth.sql");
      await file("reload.sql");
      await sql.end();
    });
  });
}

async function makeMigrated(
  installation: Installation,
  base: string,
  home: string,
  migrations: Migration[],
  user: RunUser | null,
): Promise<void> {
  await draft(home, user, async (dir) => {
    await copyCluster(base, join(dir, "data"), user);
    await withServer(installation, dir, user, async (port) => {
      const begun = new Date();
      const sql = connectAs("postgres", port);
      await applyMigrations(sql, migrations).finally(() => sql.end());
      await markPrepared(port, begun);
    });
  });
}

/** Builds beside the final place and renames at the end, so that nobody ever sees half a cluster. */
async function draft(home: string, user: RunUser | null, build: (dir: string) => Promise<void>) {
  const dir = `${home}.${crypto.randomUUID()}`;
  makeOwnedDir(dir, user);
  try {
    await build(dir);
    moveIntoPlace(dir, home);
  } catch (error) {
    Deno.removeSync(dir, { recursive: true });
    throw error;
  }
}

async function withServer(
  installation: Installation,
  dir: string,
  user: RunUser | null,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = await PostgresServer.start({
    bin: installation.bin,
    dataDir: join(dir, "data"),
    logFile: join(dir, "postgres.log"),
    user,
    port: 0,
    durable: false,
  });
  await use(server.port).finally(() => server.stop());
}

function touch(path: string): void {
  Deno.utimeSync(path, new Date(), new Date());
}

/** Every edit of a migration leaves a cluster behind: the three newest stay, and any younger than an hour. */
function forgetOld(): void {
  const clusters = [...Deno.readDirSync(cacheDir())]
    .filter((entry) => entry.name.startsWith("migrated-"))
    .map((entry) => ({
      path: join(cacheDir(), entry.name),
      at: mtime(join(cacheDir(), entry.name)),
    }))
    .sort((a, b) => b.at - a.at);
  for (const { path, at } of clusters.slice(3)) {
    if (at < Date.now() - 3_600_000) ignoreGone(() => Deno.removeSync(path, { recursive: true }));
  }
}

/** One that goes meanwhile, renamed by who made it or removed by another process, is young enough. */
function mtime(path: string): number {
  return ignoreGone(() => Deno.statSync(path).mtime?.getTime()) ?? Date.now();
}

function ignoreGone<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
