/** One run of one job of pg_cron. */
import pg from "pg";
import { databaseUrl, type LastingSql } from "../postgres/sql.ts";

export interface Job {
  jobid: number;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

/**
 * Runs the command as its user, on a connection of its own, as one statement and one transaction; keeps the
 * outcome in `cron.job_run_details`. @param sql a connection that may write there
 */
export async function runJob(job: Job, sql: LastingSql, port: number): Promise<void> {
  const [run] = await sql<{ runid: number }>`
    insert into cron.job_run_details (jobid, database, username, command, status, start_time)
    values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp())
    returning runid`;
  const { status, message, pid } = await execute(job, port);
  await sql`
    update cron.job_run_details
    set status = ${status}, return_message = ${message}, job_pid = ${pid}, end_time = clock_timestamp()
    where runid = ${run?.runid ?? null}`;
}

async function execute(job: Job, port: number) {
  const ownRole = job.username === "postgres";
  const url = databaseUrl(ownRole ? "postgres" : "supabase_admin", port);
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks fails the statement under way, which is all there is to say.
  client.on("error", () => {});
  let pid: number | null = null;
  try {
    await client.connect();
    pid = (await client.query("select pg_backend_pid() as pid")).rows[0]?.pid ?? null;
    if (!ownRole) {
      await client.query(`set session authorization ${pg.escapeIdentifier(job.username)}`);
    }
    const result = await client.query(job.command);
    return {
      status: "succeeded",
      message: tagOf(Array.isArray(result) ? result.at(-1) : result),
      pid,
    };
  } catch (error) {
    return {
      status: "failed",
      message: `ERROR:  ${error instanceof Error ? error.message : error}`,
      pid,
    };
  } finally {
    await client.end().catch(() => {});
  }
}

function tagOf(result: { command: string | null; rowCount: number | null } | undefined): string {
  return `${result?.command ?? "SELECT"} ${result?.rowCount ?? ""}`.trim();
}
