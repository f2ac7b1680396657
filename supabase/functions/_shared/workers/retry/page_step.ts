import type { ApplyItem } from "../../database/apply.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { SnapshotReading } from "../backfill/read_snapshot.ts";
import { itemOf } from "../scrape/item.ts";
import { type PageFrom, pageFrom } from "../scrape/read_listing.ts";
import type { SharedPages } from "./pages.ts";
import type { PageStep } from "./steps.ts";

/** One page step tried again: what is to be written of it. */
type PageTry = { kind: "done"; item: ApplyItem; from: PageFrom } | NotStarted;

async function snapshotOrNull(
  step: PageStep,
  url: string,
  vehicle: HeldVehicle,
  pages: SharedPages,
): Promise<SnapshotReading | null> {
  const { states, movesWhileLive } = step;
  if (states === null) return null;
  if (movesWhileLive && vehicle.held.sale_status === "live") return null;
  const snapshot = await pages.ofSnapshot(url);
  // A page that does not state it was the trouble, maybe: the site is asked.
  return snapshot !== null && states(snapshot.extraction) ? snapshot : null;
}

/** Tries one step again: from the snapshot where that will do, else from the site. */
export async function tryPageStep(
  step: PageStep,
  vehicle: HeldVehicle & { url: string },
  pages: SharedPages,
): Promise<PageTry> {
  const snapshot = await snapshotOrNull(step, vehicle.url, vehicle, pages);
  const reading = snapshot ?? await pages.read(vehicle.url);
  if (reading.kind === "not_started") return reading;
  const from = pageFrom(reading);
  return {
    kind: "done",
    from,
    item: {
      vehicle_id: vehicle.id,
      ...itemOf(vehicle.url, reading, step.action),
      ...(from === null ? {} : { step_metadata: { from } }),
    },
  };
}
