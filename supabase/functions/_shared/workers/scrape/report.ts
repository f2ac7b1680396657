import type { ApplyResult } from "../../database/apply.ts";
import type { ImportResult } from "../../database/imports.ts";
import type { OutcomeCode } from "../../domain/outcome.ts";

/** What became of one reading, for the caller. Each worker says more with it. */
export interface ReadingReport extends
  Pick<
    ApplyResult,
    | "error"
    | "steps"
    | "step_errors"
    | "changes"
    | "fields_updated"
    | "filled"
    | "corrected"
    | "cleared"
    | "confirmed"
    | "conflicts"
    | "score_before"
    | "score_after"
  > {
  /** Null when it is no vehicle. */
  vehicle_id: string | null;
  /**
   * Outcome code of the attempt; `stale_lease`, `no_such_vehicle` or `vehicle_locked` when nothing
   * was written for that reason; `not_started` when its turn did not come.
   */
  outcome: string;
}

/** A reading of a listing that may be no vehicle yet. */
export interface ListingReport extends ReadingReport {
  /** Whether this reading made the vehicle. */
  created: boolean;
  /** The car was here by another listing, as its VIN proves. */
  joined: boolean;
  /** Joined, by another auction. */
  relisting: boolean;
}

/** What the database said of a reading. */
export function reportOf(result: ApplyResult): ReadingReport {
  const { index: _, can_heal: _c, gained: _g, state: _s, marked_complete: _m, ...report } = result;
  return report;
}

/** The same of a listing; what a dry run would create has no id, since it is taken back. */
export function listingReportOf(result: ImportResult, dryRun: boolean): ListingReport {
  const { created, joined, relisting, vehicle_id, ...rest } = result;
  return {
    ...reportOf({ ...rest, vehicle_id }),
    vehicle_id: dryRun && created ? null : vehicle_id,
    created,
    joined,
    relisting,
  };
}

/**
 * The new status of the queue row that asked for a reading. Null in a dry run: without a token no
 * row was settled, and what is said of a state is not of this queue.
 */
export function rowStatus(
  row: { lease_token: string | null },
  { state }: Pick<ApplyResult, "state">,
): string | null {
  return row.lease_token === null ? null : state;
}

/** What is added of a listing that was not imported. */
export const NOT_IMPORTED = { created: false, joined: false, relisting: false };

/** What is said of a vehicle or a listing of which nothing was read, and why. */
export function notRead(
  vehicleId: string | null,
  outcome: "not_started" | "skipped" | OutcomeCode,
  error: string | null,
): ReadingReport {
  return {
    vehicle_id: vehicleId,
    outcome,
    error,
    steps: [],
    step_errors: {},
    changes: {},
    fields_updated: [],
    filled: [],
    corrected: [],
    cleared: [],
    confirmed: [],
    conflicts: [],
    score_before: null,
    score_after: null,
  };
}
