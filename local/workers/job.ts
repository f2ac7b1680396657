/** One run of one job of pg_cron. */
import type postgres from "postgres";
import { connectAs } from "../postgres/sql.ts";

export interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

/**
 * Runs the command as its user, on a connection of its own, as one statement and one transaction; keeps the
 * outcome in `cron.job_run_details`. @param sql a connection that may write there
 */
export async function runJob(job: Job, sql: postgres.Sql, port: number): Promise<void> {
  const [run] = await sql<{ runid: string }[]>`
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
  const connection = connectAs(ownRole ? "postgres" : "supabase_admin", port);
  let pid: number | null = null;
  try {
    const [backend] = await connection<{ pid: number }[]>`select pg_backend_pid() as pid`;
    pid = backend?.pid ?? null;
    if (!ownRole) await connection`set session authorization ${connection(job.username)}`;
    const result = await connection.unsafe(job.command);
    return { status: "succeeded", message: tagOf(result), pid };
  } catch (error) {
    return {
      status: "failed",
      message: `ERROR:  ${error instanceof Error ? error.message : error}`,
      pid,
    };
  } finally {
    await connection.end({ timeout: 1 });
  }
}

function tagOf(result: postgres.RowList<postgres.Row[]>): string {
  return `${result.command ?? "SELECT"} ${result.count ?? ""}`.trim();
}
