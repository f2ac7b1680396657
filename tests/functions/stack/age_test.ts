import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import type postgres from "postgres";
import { readMigrations } from "../../../local/migrations.ts";
import { cacheDir, makeOwnedDir, runUser } from "../../../local/paths.ts";
import { copyCluster } from "../../../local/postgres/cluster.ts";
import { installPostgres } from "../../../local/postgres/install.ts";
import { PostgresServer } from "../../../local/postgres/server.ts";
import { connectAs } from "../../../local/postgres/sql.ts";
import { preparedCluster } from "../../../local/postgres/template.ts";
import { makeTemporaryDir } from "../../../local/temporary.ts";
import { sql as connect, withStack } from "../../support/stack.ts";

/** Columns that say when, of all tables but those of Postgres itself. */
async function timeColumns(sql: postgres.Sql): Promise<{ table: string; column: string }[]> {
  return await sql`
    select format('%I.%I', table_schema, table_name) as "table", quote_ident(column_name) as "column"
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
      and data_type like 'timestamp%' and is_generated = 'NEVER'
    order by 1, 2`;
}

/** Moves every time that a stopped cluster holds back by a day, as if it had been prepared yesterday. */
async function becomeOld(dir: string): Promise<void> {
  const { bin } = await installPostgres();
  const server = await PostgresServer.start({
    bin,
    dataDir: join(dir, "data"),
    logFile: join(dir, "postgres.log"),
    user: runUser(),
    port: 0,
    durable: false,
  });
  const sql = connectAs("supabase_admin", server.port);
  try {
    await sql`set session_replication_role = replica`;
    for (const { table, column } of await timeColumns(sql)) {
      await sql.unsafe(`update ${table} set ${column} = ${column} - interval '1 day'`);
    }
    await sql`update storage.buckets set created_at = '2020-02-02' where id = 'vehicle-images'`;
  } finally {
    await sql.end();
    await server.stop();
  }
}

/** Runs on a machine whose prepared cluster is a day old. */
async function withOldCluster(use: () => Promise<void>): Promise<void> {
  const user = runUser();
  const prepared = await preparedCluster(await installPostgres(), readMigrations(), user);
  const cache = makeTemporaryDir();
  for (const { name } of Deno.readDirSync(cacheDir())) {
    if (/^(postgres|base)-/.test(name)) Deno.symlinkSync(join(cacheDir(), name), join(cache, name));
  }
  const old = join(cache, basename(dirname(prepared)));
  makeOwnedDir(old, user);
  await copyCluster(prepared, join(old, "data"), user);
  await becomeOld(old);
  const before = Deno.env.get("STACK_CACHE_DIR");
  Deno.env.set("STACK_CACHE_DIR", cache);
  try {
    await use();
  } finally {
    if (before === undefined) Deno.env.delete("STACK_CACHE_DIR");
    else Deno.env.set("STACK_CACHE_DIR", before);
    Deno.removeSync(cache, { recursive: true });
  }
}

Deno.test("a fresh database is as old as itself, however old the cluster is that it was copied from", async () => {
  await withOldCluster(async () => {
    await withStack({ cron: false }, async (stack) => {
      const sql = connect(stack, { admin: true });
      const wrong = await sql`
        select part, state, why from pipeline_status where state in ('stuck', 'failing')`;
      assert.deepEqual([...wrong], [], "nothing is stuck before cron could begin");
      const times: string[] = [];
      for (const { table, column } of await timeColumns(sql)) {
        const rows = await sql.unsafe(`
          select ${column}::text as at from ${table}
          where isfinite(${column}) and ${column} not between now() - interval '10 minutes' and now()`);
        for (const { at } of rows) times.push(`${table}.${column} ${at}`);
      }
      assert.deepEqual(times, ["storage.buckets.created_at 2020-02-02 00:00:00+00"]);
      await sql.end();
    });
  });
});
