import type { ApplyItem, ApplyResult } from "../../database/apply.ts";
import type { RunCounts, WorkItem } from "../../database/micro_scrape.ts";
import { wasRead } from "../../domain/outcome.ts";
import { TARGETS } from "./plan.ts";

/** One vehicle that a run worked on: what was asked, what was sent, what became of it. */
export interface Worked {
  work: WorkItem;
  item: ApplyItem;
  result: ApplyResult;
}

function actionOutcome(
  action: string,
  { item, result }: Worked,
): "succeeded" | "failed" | "nothing" {
  const targets = TARGETS[action] ?? [];
  const filled: string[] = [...result.fields_updated];
  const images = (item.steps ?? []).find((step) => step.step_name === "backfill_images");
  if (images?.status === "success") filled.push("images");

  if (result.status === "applied" && targets.some((target) => filled.includes(target))) {
    return "succeeded";
  }
  const imageAction = targets.includes("images");
  if (imageAction && images?.status === "failed") return "failed";
  if (result.status !== "applied") return "failed";
  if (action !== "retry-image-backfill" && !wasRead(item.outcome)) return "failed";
  return "nothing";
}

/**
 * The counts of a run. An action succeeded when it filled something that it was there for, failed
 * when its page or image could not be had or its writing failed; otherwise it found nothing new.
 */
export function tally(worked: readonly Worked[]): RunCounts {
  const outcomes = worked.flatMap((one) =>
    one.work.recommended_actions.map((action) => actionOutcome(action, one))
  );
  const applied = worked.filter(({ result }) => result.status === "applied");
  return {
    vehicles_analyzed: worked.length,
    vehicles_improved: applied.filter(({ result }) => result.gained).length,
    vehicles_marked_complete: applied.filter(({ result }) => result.marked_complete).length,
    vehicles_exhausted: applied.filter(({ result }) => result.state === "exhausted").length,
    actions_executed: outcomes.length,
    actions_succeeded: outcomes.filter((outcome) => outcome === "succeeded").length,
    actions_failed: outcomes.filter((outcome) => outcome === "failed").length,
  };
}
