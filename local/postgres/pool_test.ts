/** Connections that are cut under a pool. */
import assert from "node:assert/strict";
import { startTemporaryDatabase } from "../schema/temporary.ts";
import { createPgPool } from "./pool.ts";
import { databaseUrl } from "./sql.ts";

const CUT = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()`;

Deno.test("connections may be cut in a statement, held, idle, and while they close", async () => {
  const database = await startTemporaryDatabase();
  const admin = createPgPool({ connectionString: databaseUrl("supabase_admin", database.port) });
  try {
    for (let round = 0; round < 20; round++) {
      const pool = createPgPool({ connectionString: databaseUrl("postgres", database.port) });
      const held = await pool.connect();
      await pool.query("select 1");
      const asked = Promise.allSettled([pool.query("select pg_sleep(5)"), pool.query("select 1")]);
      await new Promise((resolve) => setTimeout(resolve, round));
      await admin.query(CUT);
      if (round % 2 === 0) await new Promise((resolve) => setTimeout(resolve, round));
      held.release();
      const [slept] = await asked;
      assert.equal(slept.status, "rejected");
      const { rows } = await pool.query("select 2 as two").catch(() =>
        pool.query("select 2 as two")
      );
      assert.deepEqual(rows, [{ two: 2 }]);
      await Promise.all([pool.end(), admin.query(CUT)]);
    }
  } finally {
    await database.stop();
    await admin.end();
  }
});
