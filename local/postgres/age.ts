/** The age of a database that is copied from a prepared cluster is its own, not the cluster's. */
import { connectAs } from "./sql.ts";
import { sqlText } from "./sql_files.ts";

/** Notes in a cluster that is prepared since when, and that it is ready. */
export async function markPrepared(port: number, begun: Date): Promise<void> {
  const sql = connectAs("supabase_admin", port);
  try {
    await sql.unsafe(sqlText("prepared.sql"));
    await sql`insert into local_stack.prepared (begun_at) values (${begun})`;
  } finally {
    await sql.end();
  }
}

/** Makes a fresh copy of a prepared cluster look as if it was migrated just now; leaves any other database alone. */
export async function beginNow(port: number): Promise<void> {
  const sql = connectAs("supabase_admin", port);
  try {
    const [copy] = await sql`select from pg_namespace where nspname = 'local_stack'`;
    if (copy === undefined) return;
    await sql.begin((transaction) => transaction.unsafe(sqlText("begin_now.sql")));
  } finally {
    await sql.end();
  }
}
