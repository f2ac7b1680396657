import { z } from "zod";
import {
  type GivenUp,
  type ImageBacklog,
  imageBacklog,
  imagesGivenUp,
  retryImages,
  vehiclesDueForImages,
} from "../../database/images.ts";
import { uuid } from "../../domain/uuid.ts";
import type { ImageTools } from "./download.ts";
import { type Drained, drainImages, nothingDrained } from "./drain.ts";

/**
 * What `retry-image-backfill` is asked; `batch_size` counts vehicles.
 *
 * `only_missing` (the default): only vehicles without any picture. Otherwise also those whose
 * gallery is not complete.
 */
export const retryRequest = z.strictObject({
  vehicle_ids: z.array(uuid).min(1).max(1000).optional(),
  batch_size: z.int().min(1).max(500).default(50),
  only_missing: z.boolean().default(true),
});
type RetryRequest = z.infer<typeof retryRequest>;

/** How one vehicle came out. */
interface RetriedVehicle {
  vehicle_id: string;
  /**
   * `complete`: nothing is left to download. `waiting`: some are to be tried again, at
   * `next_attempt_at`. `failed`: it has no picture and none is to come. `skipped`: it has pictures
   * already and only missing ones were asked for. `no_urls`: none is known; the listing must be read.
   */
  outcome: "complete" | "waiting" | "failed" | "skipped" | "no_urls" | "unknown_vehicle";
  images: number;
  images_added: number;
  next_attempt_at: string | null;
  message: string | null;
}

interface Retried extends Drained {
  /** Images whose attempts were spent, or that waited for another try, made due by this call. */
  redriven: number;
  /**
   * Images that were asked for, and that nothing tries again by itself: they are not claimed when no
   * vehicle is named.
   */
  given_up: GivenUp | null;
  vehicles: RetriedVehicle[];
}

function report(
  id: string,
  before: ImageBacklog | undefined,
  after: ImageBacklog | undefined,
  worked: boolean,
): RetriedVehicle {
  if (!before || !after) {
    return {
      vehicle_id: id,
      outcome: "unknown_vehicle",
      images: 0,
      images_added: 0,
      next_attempt_at: null,
      message: "no vehicle has this id",
    };
  }
  const outcome = after.urls === 0 && after.images === 0
    ? "no_urls"
    : !worked
    ? "skipped"
    : after.due + after.waiting + after.leased > 0
    ? "waiting"
    : after.images > 0
    ? "complete"
    : "failed";
  return {
    vehicle_id: id,
    outcome,
    images: after.images,
    images_added: after.images - before.images,
    next_attempt_at: after.next_attempt_at,
    message: outcome === "no_urls" ? "no image URL is known: read its listing" : after.last_error,
  };
}

async function backlogs(tools: ImageTools, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, ImageBacklog>();
  return new Map((await imageBacklog(tools.database, ids)).map((one) => [one.vehicle_id, one]));
}

/**
 * Downloads the images of vehicles whose URLs are known, without reading any listing again. Naming
 * vehicles is a person's "try these again": their failed images get all their attempts back.
 * @param background whether the answer went out before the run began: nobody reads what it would say.
 * @throws DatabaseError when the database stays away.
 */
export async function retryImageBackfill(
  request: RetryRequest,
  tools: ImageTools,
  background: boolean,
): Promise<Retried> {
  const { vehicle_ids, batch_size, only_missing } = request;
  const ids = [
    ...new Set(
      vehicle_ids ??
        await vehiclesDueForImages(tools.database, batch_size, only_missing),
    ),
  ];
  const before = await backlogs(tools, ids);
  // Which vehicles is decided once: one that gets its first picture keeps getting the others.
  const chosen = ids.filter((id) => {
    const one = before.get(id);
    return one !== undefined && one.urls > 0 && !(only_missing && one.images > 0);
  });
  const redriven = vehicle_ids && chosen.length > 0 ? await retryImages(tools.database, chosen) : 0;
  const drained = chosen.length > 0
    ? await drainImages({ limit: Number.MAX_SAFE_INTEGER, vehicleIds: chosen }, tools)
    : nothingDrained();
  const after = await backlogs(tools, ids);
  const worked = new Set(chosen);
  return {
    ...drained,
    redriven,
    given_up: background ? null : await imagesGivenUp(tools.database, vehicle_ids),
    vehicles: ids.map((id) => report(id, before.get(id), after.get(id), worked.has(id))),
  };
}
