import { type ImageBacklog, imageBacklog } from "../../database/images.ts";
import { type ImageTrouble, imageTroubles } from "../../database/retries.ts";
import { type NotedStep, noteSteps } from "../../database/steps.ts";
import type { ImageTools } from "../images/download.ts";
import { drainImages } from "../images/drain.ts";
import type { Warn } from "../lease/work.ts";
import { imageVerdict } from "../retry/image_verdict.ts";
import type { ImportStep } from "./report.ts";

/** A vehicle whose images are to come, and the listing that they stand on. */
interface Imageless {
  vehicle_id: string;
  url: string;
}

const STEP = "backfill_images";

function stepOf(
  after: ImageBacklog | undefined,
  troubles: readonly ImageTrouble[],
): Omit<ImportStep, "duration_ms"> {
  const step = { step_name: STEP, outcome_code: null };
  if (after === undefined || after.urls === 0) {
    return { ...step, status: "skipped", error_message: "the page shows no images" };
  }
  const verdict = imageVerdict(after, false, troubles);
  if (verdict.kind === "not_started") {
    return { ...step, status: "pending", error_message: verdict.message };
  }
  const { outcome, error } = verdict;
  const status = outcome === "ok" ? "success" : "failed";
  return { ...step, status, outcome_code: outcome, error_message: error };
}

/** How the images of these vehicles stand, by vehicle. */
async function stepsOf(
  ids: string[],
  { database }: ImageTools,
): Promise<Map<string, Omit<ImportStep, "duration_ms">>> {
  const after = new Map((await imageBacklog(database, ids)).map((one) => [one.vehicle_id, one]));
  const troubles = Map.groupBy(await imageTroubles(database, ids), (one) => one.vehicle_id);
  return new Map(ids.map((id) => [id, stepOf(after.get(id), troubles.get(id) ?? [])]));
}

function noted({ vehicle_id, url }: Imageless, step: ImportStep): NotedStep {
  const { step_name, status, error_message, duration_ms, outcome_code } = step;
  return {
    vehicle_id,
    url,
    step_name,
    status,
    error_message,
    ...(outcome_code === null ? {} : { outcome_code: outcome_code as NotedStep["outcome_code"] }),
    ...(duration_ms === null ? {} : { duration_ms }),
    // What the image queue has still to try is not queued as a failed step.
    metadata: status === "pending" ? { retried_by: "image_downloads" } : {},
  };
}

/**
 * The last step of an import: downloads the images of vehicles while there is time. What is left
 * stays in the image queue; nothing that goes wrong here takes anything from the import.
 */
export async function downloadImages(
  vehicles: readonly Imageless[],
  tools: ImageTools,
  report: Warn,
): Promise<Map<string, ImportStep>> {
  const steps = new Map<string, ImportStep>();
  if (vehicles.length === 0) return steps;
  const begun = performance.now();
  const ids = vehicles.map((one) => one.vehicle_id);
  try {
    await drainImages({ limit: Number.MAX_SAFE_INTEGER, vehicleIds: ids }, tools);
    const duration_ms = Math.round(performance.now() - begun);
    for (const [id, step] of await stepsOf(ids, tools)) steps.set(id, { ...step, duration_ms });
    await noteSteps(
      tools.database,
      vehicles.flatMap((one) => {
        const step = steps.get(one.vehicle_id);
        return step === undefined ? [] : [noted(one, step)];
      }),
    );
  } catch (error) {
    report("downloading the images of an import broke", error);
    const error_message = error instanceof Error ? error.message : String(error);
    const duration_ms = Math.round(performance.now() - begun);
    for (const id of ids) {
      if (steps.has(id)) continue;
      steps.set(id, {
        step_name: STEP,
        status: "pending",
        outcome_code: "server_error",
        duration_ms,
        error_message: `${error_message}; the images stay in their queue`,
      });
    }
  }
  return steps;
}

/** The step of images that this call leaves to their queue. */
export function imagesLeft(why: string): ImportStep {
  return {
    step_name: STEP,
    status: "pending",
    outcome_code: null,
    duration_ms: null,
    error_message: why,
  };
}
