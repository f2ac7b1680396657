/** A database that was made by other migrations than those of this checkout is brought in line with them. */
import { TASK } from "../command_line.ts";
import { join } from "node:path";
import postgres from "postgres";
import type { Migration } from "../migrations.ts";
import { exists, makeOwnedDir, type RunUser } from "../paths.ts";
import { copyCluster } from "../postgres/cluster.ts";
import type { Installation } from "../postgres/install.ts";
import { PostgresServer } from "../postgres/server.ts";
import { connectAs } from "../postgres/sql.ts";
import { preparedCluster } from "../postgres/template.ts";
import { compareCatalogs, readObjects, readSeeds, withoutPositions } from "../schema/catalog.ts";
import { type Change, difference } from "../schema/difference.ts";
import { isRepeatable, readSchemas } from "../schema/files.ts";
import { losses } from "./losses.ts";

export interface Reconciled {
  installation: Installation;
  user: RunUser | null;
  /** The directory that holds the cluster as `data`; the server is stopped. */
  home: string;
  migrations: Migration[];
  /** Also when data would be lost. */
  allowDrop: boolean;
  say: (message: string) => void;
}

/** The database cannot be brought in line; it is as it was. */
export class UpgradeError extends Error {
  override name = "UpgradeError";
}

const bridge = new URL("./before_0.1.0.sql", import.meta.url);

/**
 * What its own migrations made and what those of now make are compared, and only that difference is applied: so what
 * somebody made besides stays. All is done on a copy, which takes the place of the cluster at the end; the cluster as
 * it was is kept beside it, as `data.before`.
 * @throws UpgradeError when rows would be lost, or a statement fails; then nothing was changed.
 */
export async function reconcile(options: Reconciled): Promise<void> {
  const { home, installation, migrations, user } = options;
  const bench = join(home, "upgrade");
  remove(bench);
  makeOwnedDir(bench, user);
  const servers: PostgresServer[] = [];
  const start = async (name: string, from: string) => {
    const dataDir = join(bench, name);
    await copyCluster(from, dataDir, user);
    const server = await PostgresServer.start({
      bin: installation.bin,
      dataDir,
      logFile: join(bench, `${name}.log`),
      user,
      port: 0,
      durable: name === "next",
    });
    servers.push(server);
    return server.port;
  };
  try {
    const next = await start("next", join(home, "data"));
    const wanted = await start("wanted", await preparedCluster(installation, migrations, user));
    const then = await start("then", await preparedCluster(installation, [], user));
    await bringInLine(next, wanted, then, options.allowDrop);
    for (const server of servers.splice(0)) await server.stop();
    remove(join(home, "data.before"));
    Deno.renameSync(join(home, "data"), join(home, "data.before"));
    Deno.renameSync(join(bench, "next"), join(home, "data"));
  } catch (error) {
    throw error instanceof UpgradeError ? error : new UpgradeError(failed(error));
  } finally {
    for (const server of servers) await server.stop();
    remove(bench);
  }
  options.say(`It is in line now, with its data. As it was it is kept in ${home}/data.before.`);
}

async function bringInLine(
  next: number,
  wanted: number,
  then: number,
  allowDrop: boolean,
): Promise<void> {
  const [held, made, target] = [next, then, wanted].map((port) => connectAs("postgres", port)) as [
    postgres.Sql,
    postgres.Sql,
    postgres.Sql,
  ];
  try {
    await replay(held, made);
    for (const sql of [made, held]) await run(sql, [Deno.readTextFileSync(bridge)]);
    const { changes } = await difference(then, wanted);
    const lost = await losses(held, changes);
    if (lost.length > 0 && !allowDrop) throw new UpgradeError(refusal(lost));
    const jobs = await goneJobs(then, wanted);
    const statements = [
      ...changes.map(({ sql }: Change) => sql),
      ...readSchemas().filter(isRepeatable).map(({ text }) => text),
      ...jobs.map((name) => `select cron.unschedule('${name.replaceAll("'", "''")}')`),
    ];
    // First where nothing is at stake, and looked at.
    await run(made, statements);
    const unequal = compareCatalogs(
      withoutPositions(await readObjects(then)),
      withoutPositions(await readObjects(wanted)),
    );
    if (unequal.length > 0) {
      throw new Error(`these would still differ: ${unequal.map((one) => one.object).join(", ")}`);
    }
    await run(held, statements);
    await record(held, target);
  } finally {
    for (const sql of [held, made, target]) await sql.end();
  }
}

/** Runs the migrations again as a database recorded them, in an empty one. */
async function replay(from: postgres.Sql, to: postgres.Sql): Promise<void> {
  const rows = await from<{ statements: string[] | null }[]>`
    select statements from supabase_migrations.schema_migrations order by version`;
  for (const { statements } of rows) await run(to, statements ?? []);
}

/** All in one transaction. */
async function run(sql: postgres.Sql, statements: string[]): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local check_function_bodies = off`;
    for (const statement of statements) await transaction.unsafe(statement);
  });
  await sql.unsafe("reset all");
}

async function goneJobs(then: number, wanted: number): Promise<string[]> {
  const names = async (port: number) =>
    (await readSeeds(port)).filter(({ kind }) => kind === "cron job").map(({ name }) => name);
  const now = await names(wanted);
  return (await names(then)).filter((name) => !now.includes(name));
}

/** From now on it has the migrations of this checkout. */
async function record(held: postgres.Sql, target: postgres.Sql): Promise<void> {
  const rows = await target`
    select version, name, statements from supabase_migrations.schema_migrations order by version`;
  await held.begin(async (transaction) => {
    await transaction`delete from supabase_migrations.schema_migrations`;
    await transaction`insert into supabase_migrations.schema_migrations ${transaction(rows)}`;
  });
}

function remove(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}

function refusal(lost: string[]): string {
  return [
    "To bring it in line would lose data, so nothing was changed. It",
    ...lost.map((one) => `  ${one}`),
    "Choose:",
    `  ${TASK} start --allow-drop   brings it in line without that`,
    `  ${TASK} start --reset        begins with an empty database`,
    "or start it with the checkout that made it.",
  ].join("\n");
}

function failed(error: unknown): string {
  return [
    `It could not be brought in line, and nothing was changed: ${
      error instanceof Error ? error.message : error
    }`,
    `Start it with the checkout that made it, or begin with an empty database: ${TASK} start --reset`,
  ].join("\n");
}
