import type { ApplyItem, Step } from "../../database/apply.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { applied, type Reading } from "../scrape/read_listing.ts";
import type { SharedPages } from "./pages.ts";
import type { PageStep } from "./steps.ts";

/** Where a reading came from; null when there was none. */
export type From = "snapshot" | "site" | null;

/** One page step tried again: what is to be written of it. */
type PageTry = { kind: "done"; item: ApplyItem; from: From } | NotStarted;

type Read = Exclude<Reading, NotStarted>;

async function snapshotOrNull(
  step: PageStep,
  url: string,
  vehicle: HeldVehicle,
  pages: SharedPages,
): Promise<Read | null> {
  const { states, movesWhileLive } = step;
  if (states === null) return null;
  if (movesWhileLive && vehicle.held.sale_status === "live") return null;
  const snapshot = await pages.ofSnapshot(url);
  // A page that does not state it was the trouble, maybe: the site is asked.
  return snapshot !== null && states(snapshot.extraction) ? snapshot : null;
}

/**
 * The steps as they are noted. The step that was asked for says that this queue tries it again, so
 * that it is not queued a second time when it fails for good.
 */
function noted(
  stepName: string,
  steps: readonly Step[],
  reading: Read,
  metadata: Record<string, unknown>,
): Step[] {
  const failed = steps.find((step) => step.status === "failed");
  if (failed !== undefined) {
    return [{ ...failed, step_name: stepName, metadata: { ...failed.metadata, ...metadata } }];
  }
  const own = steps.find((step) => step.step_name === stepName) ??
    { step_name: stepName, status: "success" as const };
  const mine = { ...own, metadata: { ...own.metadata, ...metadata } };
  const wrote = stepName === "extract_data" || stepName === "read_again";
  if (!wrote || reading.kind !== "read") return [mine];
  return [mine, ...steps.filter((step) => step.step_name !== stepName)];
}

/** Tries one step again: from the snapshot where that will do, else from the site. */
export async function tryPageStep(
  stepName: string,
  step: PageStep,
  vehicle: HeldVehicle & { url: string },
  pages: SharedPages,
): Promise<PageTry> {
  const snapshot = await snapshotOrNull(step, vehicle.url, vehicle, pages);
  const reading = snapshot ?? await pages.read(vehicle.url);
  if (reading.kind === "not_started") return reading;
  const from: From = snapshot !== null ? "snapshot" : reading.kind === "read" ? "site" : null;
  const { steps = [], ...rest } = applied(vehicle.url, reading);
  const metadata = { retried_by: "scrape_retry_queue", ...(from === null ? {} : { from }) };
  return {
    kind: "done",
    from,
    item: {
      vehicle_id: vehicle.id,
      ...step.pick(rest),
      steps: noted(stepName, steps, reading, metadata),
    },
  };
}
