import type { Step } from "../../database/apply.ts";
import type { ImportItem, ImportResult } from "../../database/imports.ts";

/** One step of an import, for the caller. */
export interface ImportStep {
  step_name: string;
  /** `pending`: left to the queue that finishes it. */
  status: Step["status"] | "pending";
  outcome_code: string | null;
  duration_ms: number | null;
  error_message: string | null;
}

/** What became of one URL. */
export interface Imported {
  /** In the spelling that was asked for. */
  url: string;
  /** Outcome code of the reading, why it could not be written, or `not_started`. */
  outcome: string;
  /** The vehicle that it is; null when it became none, and for one that a dry run would create. */
  vehicle_id: string | null;
  created: boolean;
  /** Another auction of a vehicle that was here already. */
  relisting: boolean;
  error: string | null;
  /** Whether it waits in the import queue, which tries it again. */
  queued: boolean;
  steps: ImportStep[];
  changes: ImportResult["changes"];
  fields_updated: string[];
  conflicts: string[];
}

/** The steps of a reading, and which of them could not be written. */
function stepsOf(item: ImportItem, result: ImportResult): ImportStep[] {
  // A failure that is no single step's: nothing of the reading was written.
  const whole = result.status === "failed" && Object.keys(result.step_errors).length === 0
    ? result.error ?? "nothing was written"
    : undefined;
  return (item.steps ?? []).map((step) => {
    const broken = result.step_errors[step.step_name] ?? whole;
    const failed = broken !== undefined || step.status === "failed";
    return {
      step_name: step.step_name,
      status: failed ? "failed" : step.status,
      outcome_code: broken !== undefined ? "server_error" : step.outcome_code ??
        (failed ? item.outcome : step.status === "success" ? "ok" : null),
      duration_ms: step.duration_ms ?? null,
      error_message: broken ?? step.error_message ?? null,
    };
  });
}

/** A URL whose page was asked for. */
export function importedOf(
  url: string,
  item: ImportItem,
  result: ImportResult,
  dryRun: boolean,
): Imported {
  return {
    url,
    outcome: result.status === "applied" ? item.outcome : result.status,
    vehicle_id: dryRun && result.created ? null : result.vehicle_id,
    created: result.created,
    relisting: result.relisting,
    error: result.error ?? item.error ?? null,
    queued: false,
    steps: stepsOf(item, result),
    changes: result.changes,
    fields_updated: result.fields_updated,
    conflicts: result.conflicts,
  };
}

/** A URL that could not be begun. */
export function notBegun(url: string, message: string): Imported {
  return {
    url,
    outcome: "not_started",
    vehicle_id: null,
    created: false,
    relisting: false,
    error: message,
    queued: false,
    steps: [{
      step_name: "extract_data",
      status: "skipped",
      outcome_code: null,
      duration_ms: null,
      error_message: message,
    }],
    changes: {},
    fields_updated: [],
    conflicts: [],
  };
}
