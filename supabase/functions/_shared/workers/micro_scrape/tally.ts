import type { ApplyResult } from "../../database/apply.ts";
import type { RunCounts, WorkItem } from "../../database/micro_scrape.ts";
import { wasRead } from "../../domain/outcome.ts";
import { TARGETS } from "./plan.ts";

/** One vehicle that a run worked on: what was asked, and what became of it. */
export interface Worked {
  work: WorkItem;
  result: ApplyResult;
}

/** Whether anything of a pass can have been written. */
function isWritten({ outcome }: ApplyResult): boolean {
  return outcome !== "stale_lease" && outcome !== "no_such_vehicle" && outcome !== "vehicle_locked";
}

function actionOutcome(
  action: string,
  result: ApplyResult,
): "succeeded" | "failed" | "nothing" {
  if (!isWritten(result)) return "failed";
  const { outcome, steps, fields_updated } = result;
  const targets = TARGETS[action] ?? [];
  const images = steps.find((step) => step.step_name === "backfill_images")?.status;
  const filled: string[] = [...fields_updated, ...(images === "success" ? ["images"] : [])];
  if (targets.some((target) => filled.includes(target))) return "succeeded";
  if (targets.includes("images") && images === "failed") return "failed";
  if (wasRead(outcome)) return "nothing";
  // The picture needs no page that could be read, only that something was written.
  return action === "retry-image-backfill" && steps.length > 0 ? "nothing" : "failed";
}

/**
 * The counts of a run. An action succeeded when it filled something that it was there for, failed
 * when its page or image could not be had or its writing failed; otherwise it found nothing new.
 */
export function tally(worked: readonly Worked[]): RunCounts {
  const written = worked.filter(({ result }) => isWritten(result));
  const outcomes = worked.flatMap((one) =>
    one.work.recommended_actions.map((action) => actionOutcome(action, one.result))
  );
  return {
    vehicles_analyzed: worked.length,
    vehicles_improved: written.filter(({ result }) => result.gained).length,
    vehicles_marked_complete: written.filter(({ result }) => result.marked_complete).length,
    vehicles_exhausted: written.filter(({ result }) => result.state === "exhausted").length,
    actions_executed: outcomes.length,
    actions_succeeded: outcomes.filter((outcome) => outcome === "succeeded").length,
    actions_failed: outcomes.filter((outcome) => outcome === "failed").length,
  };
}

/**
 * What a run in which no action succeeded and some failed says of itself; null for any other.
 *
 * @example `every action failed: network 12, blocked 3; the first: https://a.example/1: no address`
 */
export function wordOnFailures(counts: RunCounts, worked: readonly Worked[]): string | null {
  if (counts.actions_failed === 0 || counts.actions_succeeded > 0) return null;
  const failed = worked.filter(({ result }) => !wasRead(result.outcome));
  const [first] = failed;
  const kinds = [...Map.groupBy(failed, ({ result }) => result.outcome)]
    .map(([outcome, all]) => `${outcome} ${all.length}`);
  const what = counts.actions_failed === counts.actions_executed
    ? "every action failed"
    : "no action succeeded";
  if (first === undefined) return `${what}: ${counts.actions_failed} that no page was needed for`;
  const { work: { source_url }, result: { error } } = first;
  return `${what}: ${kinds.join(", ")}; the first: ${source_url}: ${error ?? "no word"}`;
}
