import { z } from "zod";
import { type GivenUp, imagesGivenUp } from "../../database/images.ts";
import { uuid } from "../../domain/uuid.ts";
import { type Drained, drainImages } from "./drain.ts";
import type { ImageTools } from "./download.ts";

/** What `backfill-images` is asked; `batch_size` counts images. */
export const backfillRequest = z.strictObject({
  vehicle_ids: z.array(uuid).min(1).max(1000).optional(),
  batch_size: z.int().min(1).max(1000).default(200),
  /** At most so many images of one vehicle in a claim. */
  per_vehicle: z.int().min(1).max(1000).optional(),
});
type BackfillRequest = z.infer<typeof backfillRequest>;

interface Backfilled extends Drained {
  /** Images that were asked for, and that nothing tries again by itself; null where nobody reads it. */
  given_up: GivenUp | null;
}

/**
 * The worker of the image queue: downloads due images, of these vehicles or of all, covers first.
 * @param background whether the answer went out before the run began: nobody reads what it would say.
 * @throws DatabaseError when the database stays away.
 */
export async function backfillImages(
  request: BackfillRequest,
  tools: ImageTools,
  background: boolean,
): Promise<Backfilled> {
  const drained = await drainImages({
    limit: request.batch_size,
    vehicleIds: request.vehicle_ids,
    perVehicle: request.per_vehicle,
  }, tools);
  const given_up = background ? null : await imagesGivenUp(tools.database, request.vehicle_ids);
  return { ...drained, given_up };
}
