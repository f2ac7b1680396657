import type { ApplyResult } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import {
  beginRun,
  type BegunRun,
  closeRun,
  MICRO_SCRAPE,
  noteFailedRun,
  type RunCounts,
  type RunEnd,
  type WorkItem,
} from "../../database/micro_scrape.ts";
import { hostOf } from "../../domain/host.ts";
import { wasRead } from "../../domain/outcome.ts";
import { coverAsWanted } from "../images/cover.ts";
import { type Job, leaseOf, type Released, type Warn, workRows } from "../lease/work.ts";
import { writeReadings } from "../scrape/write.ts";
import { type PassDone, passOver, type PassTools } from "./pass.ts";
import { planPass } from "./plan.ts";
import { tally, wordOnFailures, type Worked } from "./tally.ts";

/** What a run is asked to do. */
interface RunRequest {
  vehicleIds?: string[];
  batchSize: number;
  triggeredBy: string;
  /**
   * Invokes the next run at its end when vehicles are still due. One that claimed nothing invokes
   * nobody: what is due then, no claim takes now.
   */
  invokesNext: boolean;
}

/** A vehicle's gaps as they were found. */
interface GapsFound {
  vehicle_id: string;
  source_url: string;
  missing_fields: string[];
  quality_score: number;
  recommended_actions: string[];
}

/** A vehicle on which a run got nowhere, and why. */
interface Trouble {
  vehicle_id: string;
  code: string;
  message: string;
}

/** What a run did. */
interface RunReport {
  run_id: string | null;
  counts: RunCounts;
  gaps_found: GapsFound[];
  /** Handed back untouched: the host was busy or the time was up. */
  not_started: Trouble[];
  problems: Trouble[];
}

function gapsOf(work: readonly WorkItem[]): GapsFound[] {
  return work.map((item) => ({
    vehicle_id: item.vehicle_id,
    source_url: item.source_url,
    missing_fields: item.missing_fields,
    quality_score: item.quality_score,
    recommended_actions: item.recommended_actions,
  }));
}

/** What a run would do now. Fetches nothing and changes nothing. */
export async function previewRun(
  database: DatabaseClient,
  request: RunRequest,
): Promise<RunReport> {
  const work = await MICRO_SCRAPE.preview(database, claimOf(request));
  return {
    run_id: null,
    counts: { ...tally([]), vehicles_analyzed: work.length },
    gaps_found: gapsOf(work),
    not_started: [],
    problems: [],
  };
}

function claimOf({ batchSize, vehicleIds }: RunRequest) {
  return { limit: Math.max(batchSize, vehicleIds?.length ?? 0), vehicleIds };
}

function problemsOf(worked: readonly Worked[]): Trouble[] {
  return worked.flatMap(({ work: { vehicle_id }, result: { outcome, error } }): Trouble[] =>
    wasRead(outcome) ? [] : [{ vehicle_id, code: outcome, message: error ?? "" }]
  );
}

/** Gives what was not begun; `worked` gathers the rest, and holds it also when this throws. */
async function workThrough(
  database: DatabaseClient,
  work: readonly WorkItem[],
  askedByName: boolean,
  tools: PassTools,
  warn: Warn,
  worked: Worked[],
): Promise<Released<WorkItem>[]> {
  const job: Job<WorkItem, PassDone, ApplyResult> = {
    host: (item) => hostOf(item.source_url),
    work: (item) => passOver(item, askedByName, tools),
    failure: (item, message) => ({
      kind: "done",
      item: {
        vehicle_id: item.vehicle_id,
        request: { queue: "micro_scrape_state", lease_token: item.lease_token ?? "" },
        source_url: item.source_url,
        outcome: "server_error",
        error: `the pass broke: ${message}`,
      },
    }),
    write: writeReadings({ database, fetcher: tools.fetcher, dryRun: false }),
    lease: leaseOf(database, MICRO_SCRAPE),
    warn,
  };
  tools.fetcher.expect(
    work.filter((item) => planPass(item, askedByName).readPage).map((item) => item.source_url),
  );
  const { finished, released, broken } = await workRows(work, job);
  worked.push(...finished.map(({ row, result }) => ({ work: row, result })));
  if (broken !== null) throw broken.error;
  return released;
}

/** Begins a run; one that cannot begin leaves a record too. @throws DatabaseError */
async function begin(
  database: DatabaseClient,
  request: RunRequest,
  warn: Warn,
): Promise<BegunRun> {
  try {
    return await beginRun(database, request.triggeredBy, claimOf(request));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await noteFailedRun(database, request.triggeredBy, message)
      .catch((noting) => warn("a run that could not begin left no record", noting));
    throw error;
  }
}

/**
 * One run: leases vehicles with gaps, closes what their pages can close, writes it, and leaves a
 * row in `micro_scrape_runs` whatever happens.
 * @throws DatabaseError when the database cannot be reached; its leases then run out by themselves.
 */
export async function runMicroScrape(
  database: DatabaseClient,
  request: RunRequest,
  tools: PassTools,
  startedAt: number,
  warn: Warn,
): Promise<RunReport> {
  const { run_id: runId, work, pictures } = await begin(database, request, warn);
  const close = (status: RunEnd["status"], counts: RunCounts, error_message: string | null) => {
    const end = { status, runtime_ms: Date.now() - startedAt, error_message, ...counts };
    return closeRun(
      database,
      runId,
      end,
      request.invokesNext && work.length > 0 && status !== "failed",
    );
  };
  const worked: Worked[] = [];
  try {
    const byName = request.vehicleIds !== undefined;
    const asWanted = { ...tools, cover: coverAsWanted(tools.cover, pictures) };
    const notStarted = await workThrough(database, work, byName, asWanted, warn, worked);
    const counts = tally(worked);
    const late = notStarted.filter(({ why }) => why.reason === "deadline").length;
    const word = wordOnFailures(counts, worked);
    if (late > 0) {
      const timeUp = `time was up before ${late} vehicles were begun`;
      await close("timed_out", counts, word === null ? timeUp : `${timeUp}; ${word}`);
    } else await close("completed", counts, word);
    return {
      run_id: runId,
      counts,
      gaps_found: gapsOf(work),
      not_started: notStarted.map(({ row, why }) => ({
        vehicle_id: row.vehicle_id,
        code: why.reason,
        message: why.message,
      })),
      problems: problemsOf(worked),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await close("failed", tally(worked), message)
      .catch((closing) => warn(`run ${runId} could not be closed`, closing));
    throw error;
  }
}
