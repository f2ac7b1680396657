/** The part of pg_cron that a stand-in extension cannot be: runs the jobs of `cron.job` when they are due. */
import { connectAs, lastingSql, listen } from "../postgres/sql.ts";
import { type Job, runJob } from "./job.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { Signal } from "./signal.ts";

/** Changes that did not go through cron.schedule() are seen after this long. */
const lookAgainMs = 5_000;
/** As hosted: so many jobs at once. */
const maxRunning = 8;

interface Planned {
  job: Job;
  next: Schedule;
  /** Epoch ms. */
  due: number | null;
}

/** Switches jobs off by their names, as a person would with cron.alter_job(). */
export async function pauseJobs(port: number, names: string[]): Promise<void> {
  const sql = connectAs("postgres", port);
  await sql`
    select cron.alter_job(jobid, active := false) from cron.job where jobname = any (${names})`
    .finally(() => sql.end());
}

/**
 * @param now the time that jobs are due by, epoch milliseconds.
 * @returns stops ticking and waits for running jobs.
 */
export function startCron(
  port: number,
  say: (message: string) => void,
  now: () => number = Date.now,
): () => Promise<void> {
  const sql = lastingSql("supabase_admin", port, 3);
  const plan = new Map<number, Planned>();
  const running = new Map<number, Promise<void>>();
  const changed = new Signal();
  let stopped = false;

  async function look(): Promise<void> {
    const jobs = await sql<Job>`
      select jobid, schedule, command, database, username from cron.job where active`;
    const seen = new Set(jobs.map((job) => job.jobid));
    for (const id of plan.keys()) if (!seen.has(id)) plan.delete(id);
    for (const job of jobs) {
      const known = plan.get(job.jobid);
      if (known?.job.schedule === job.schedule) known.job = job;
      else add(job);
    }
  }

  function add(job: Job): void {
    try {
      const next = parseSchedule(job.schedule);
      plan.set(job.jobid, { job, next, due: next(now()) });
    } catch (error) {
      say(`cron: job ${job.jobid} is never run: ${error}`);
    }
  }

  function runDue(): void {
    for (const [id, planned] of plan) {
      if (planned.due === null || planned.due > now()) continue;
      // A job never runs beside itself, and waits while eight others run.
      if (running.has(id) || running.size >= maxRunning) continue;
      planned.due = planned.next(now());
      const run = runJob(planned.job, sql, port)
        .catch(() => {/* Postgres is away; the next run tries again */})
        .finally(() => running.delete(id));
      running.set(id, run);
    }
  }

  async function loop(): Promise<void> {
    let lookAt = 0;
    while (!stopped) {
      if (Date.now() >= lookAt || changed.take()) {
        // No extension yet, or Postgres is being started again.
        await look().catch(() => {});
        lookAt = Date.now() + lookAgainMs;
      }
      runDue();
      const dues = [...plan.values()].flatMap(({ due }) => due === null ? [] : [due]);
      const until = Math.min(lookAt - Date.now(), ...dues.map((due) => due - now()));
      await changed.wait(Math.max(100, Math.min(until, 1_000)));
    }
  }

  const stopListening = listen(port, "_local_cron", () => changed.raise());
  const looping = loop();
  return async () => {
    stopped = true;
    changed.raise();
    await looping;
    await stopListening();
    await Promise.race([
      Promise.all(running.values()),
      new Promise((done) => setTimeout(done, 500)),
    ]);
    await sql.end();
  };
}
