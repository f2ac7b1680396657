import { z } from "zod";
import { outcomeCode } from "../domain/outcome.ts";
import { uuid } from "../domain/uuid.ts";
import { type EndedStep, endedStep } from "./apply.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

const standing = z.object({
  vehicle_id: uuid,
  status: z.enum(["success", "failed", "skipped", "pending"]),
  outcome_code: outcomeCode.nullable(),
  error_message: z.string().nullable(),
  /** When those that wait are due, ISO 8601. */
  retry_at: z.string().nullable(),
});
/** How the images of one vehicle stand. */
export type ImageStanding = z.infer<typeof standing>;

/**
 * How the images of vehicles stand, by vehicle; one that does not exist is left out.
 * @param triedAnew vehicles whose images were all given new attempts by this run: what waits again has failed.
 * @throws DatabaseError
 */
export async function imageStandings(
  database: DatabaseClient,
  vehicleIds: string[],
  triedAnew: string[],
): Promise<Map<string, ImageStanding>> {
  const answer = await database.rpc("image_steps", {
    p_vehicle_ids: vehicleIds,
    p_tried_anew: triedAnew,
  });
  const rows = z.array(standing).parse(unwrap("image_steps", answer));
  return new Map(rows.map((row) => [row.vehicle_id, row]));
}

const notedStep = endedStep.extend({ vehicle_id: uuid });

/**
 * Writes down how the images of vehicles stand after a download that took so many milliseconds.
 * Gives the steps by vehicle. @throws DatabaseError
 */
export async function noteImageSteps(
  database: DatabaseClient,
  vehicles: readonly { vehicle_id: string; url: string }[],
  durationMs: number,
): Promise<Map<string, EndedStep>> {
  const answer = await database.rpc("note_image_steps", {
    p_items: asJson(vehicles),
    p_duration_ms: durationMs,
  });
  const rows = z.array(notedStep).parse(unwrap("note_image_steps", answer));
  return new Map(rows.map(({ vehicle_id, ...step }) => [vehicle_id, step]));
}
