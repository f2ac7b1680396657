import type { EndedStep } from "../../database/apply.ts";
import { noteImageSteps } from "../../database/image_steps.ts";
import type { ImageTools } from "../images/download.ts";
import { drainImages } from "../images/drain.ts";
import type { Warn } from "../lease/work.ts";

/** A vehicle whose images are to come, and the listing that they stand on. */
interface Imageless {
  vehicle_id: string;
  url: string;
}

/** The step of images as it stands when this call does not download them. */
export function imageStep(
  outcome_code: string | null,
  error_message: string,
  duration_ms: number | null,
): EndedStep {
  return {
    step_name: "backfill_images",
    status: "pending",
    outcome_code,
    error_message,
    duration_ms,
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
): Promise<Map<string, EndedStep>> {
  if (vehicles.length === 0) return new Map();
  const ids = vehicles.map((one) => one.vehicle_id);
  const begun = performance.now();
  const duration = () => Math.round(performance.now() - begun);
  try {
    await drainImages({ limit: Number.MAX_SAFE_INTEGER, vehicleIds: ids }, tools);
    return await noteImageSteps(tools.database, vehicles, duration());
  } catch (error) {
    report("downloading the images of an import broke", error);
    const message = error instanceof Error ? error.message : String(error);
    const step = imageStep(
      "server_error",
      `${message}; the images stay in their queue`,
      duration(),
    );
    return new Map(ids.map((id) => [id, step]));
  }
}
