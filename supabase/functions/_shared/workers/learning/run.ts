import type { DatabaseClient } from "../../database/client.ts";
import { DatabaseError } from "../../database/error.ts";
import { LeaseLost, MAP_JOBS, type MapJob, mapJobDatabase } from "../../database/learning.ts";
import { claimOrPreview } from "../../database/lease.ts";
import { runNotes } from "../../domain/run_notes.ts";
import { isStopping } from "../../domain/run_stop.ts";
import { keepLeases } from "../lease/heartbeat.ts";
import type { Warn } from "../lease/work.ts";
import { nextStep } from "./steps.ts";

/** No step is begun when a run has used so much CPU, milliseconds: a function has two seconds. */
const MOST_CPU_MS = 600;
/** Learning takes most of a run: it begins in one that has hardly done anything. */
const MOST_CPU_BEFORE_LEARNING_MS = 150;

/** A job is no attempt on a listing. */
const noNote = { vehicle_id: null, url: null, outcome: null, error: null, state: null };

interface LearnRequest {
  dryRun: boolean;
  /** Epoch milliseconds after which no step is begun. */
  deadline: number;
  /** CPU used so far, milliseconds; null where the runtime does not say: then time counts. */
  cpuMs: () => number | null;
}

interface LearnReport {
  /** The job that was worked on; null when none was due. */
  job: { id: string; source: string; cause: string } | null;
  /** The steps that were made, in order. */
  steps: string[];
  /** What came of it, where it is done. */
  result: string | null;
  error?: string;
}

/**
 * Takes up one job and goes on with it, step by step, until its time is up; each step is written down,
 * so that another run goes on there. A dry run only says which job is due.
 * @throws DatabaseError when the database cannot be reached; the lease then runs out by itself.
 */
export async function runLearning(
  database: DatabaseClient,
  { dryRun, deadline, cpuMs }: LearnRequest,
  warn: Warn,
): Promise<LearnReport> {
  const [job] = await claimOrPreview(database, MAP_JOBS, { limit: 1 }, dryRun);
  if (job === undefined) return { job: null, steps: [], result: null };
  const { id, source, cause } = job;
  const report: LearnReport = { job: { id, source, cause }, steps: [], result: null };
  if (dryRun) return report;
  runNotes()?.claimed(1);
  const token = job.lease_token ?? "";
  const leases = keepLeases(
    (tokens) => MAP_JOBS.heartbeat(database, tokens),
    new Set([token]),
    (error) => warn("a heartbeat failed", error),
  );
  try {
    report.result = await goOn(database, job, report.steps, { deadline, cpuMs });
    if (report.result === null) {
      await MAP_JOBS.release(database, [{ row: job, message: "goes on", retryAt: null }]);
      runNotes()?.released(1);
    } else runNotes()?.ended({ ...noNote, state: report.result });
  } catch (error) {
    if (error instanceof LeaseLost) return { ...report, error: "another worker took it over" };
    if (error instanceof DatabaseError && error.unavailable) throw error; // its lease runs out by itself
    const message = error instanceof Error ? error.message : String(error);
    warn(`learning for ${source} broke`, error);
    await MAP_JOBS.settle(database, [{
      id,
      lease_token: token,
      outcome: "server_error",
      error: message.slice(0, 500),
    }]);
    runNotes()?.ended({ ...noNote, error: message, state: "failed" });
    return { ...report, error: message };
  } finally {
    leases.stop();
  }
  return report;
}

/** Makes steps until the job is done, which gives its result, or the run's share is used up: null. */
async function goOn(
  database: DatabaseClient,
  claimed: MapJob,
  steps: string[],
  { deadline, cpuMs }: Pick<LearnRequest, "deadline" | "cpuMs">,
): Promise<string | null> {
  const begun = { cpu: cpuMs(), at: Date.now() };
  const used = () => {
    const now = cpuMs();
    return now === null || begun.cpu === null ? Date.now() - begun.at : now - begun.cpu;
  };
  const tools = {
    database,
    job: mapJobDatabase(database, claimed),
    isUsedUp: () => used() >= MOST_CPU_MS || Date.now() >= deadline || isStopping(),
  };
  let job = claimed;
  do {
    steps.push(job.step);
    const end = await nextStep(job, tools);
    if (end.kind === "done") return end.result;
    job = { ...job, step: end.step, state: end.state };
    if (job.step === "learn" && used() > MOST_CPU_BEFORE_LEARNING_MS) return null;
  } while (!tools.isUsedUp());
  return null;
}
