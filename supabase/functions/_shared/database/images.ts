import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { OutcomeCode } from "../domain/outcome.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import type { LeasedTable } from "./lease.ts";
import { withRetry } from "./with_retry.ts";

/** The bucket of Storage that holds the pictures. */
const IMAGE_BUCKET = "vehicle-images";

const claimedImage = z.object({
  vehicle_id: uuid,
  url: z.string(),
  position: z.int(),
  /** 0: the next picture to try of a vehicle that has none; 1 to 3: the rest of its gallery. */
  wave: z.int(),
  attempts: z.int(),
  lease_token: uuid,
});
/** An image URL that this worker may download, until its lease ends. */
export type ClaimedImage = z.infer<typeof claimedImage>;

/** How the download of one image ended. */
export type ImageOutcome =
  | {
    kind: "stored";
    content_hash: string;
    storage_path: string;
    mime_type: string;
    bytes: number;
    width: number;
    height: number;
  }
  | {
    kind: "failed";
    code: OutcomeCode;
    http_status: number | null;
    error: string;
    retry_at: string | null;
  }
  | { kind: "released"; error: string; retry_at: string | null };

/** A download made beside the queue, as `private.store_image_results` takes it. */
export type ImageResult = { url: string } & ImageOutcome;

/** A download that a claim asked for; the token fences the write. */
export type SettledImage = ImageResult & { vehicle_id: string; lease_token: string };

const settlement = z.object({
  vehicle_id: z.string(),
  url: z.string(),
  result: z.enum([
    "stored",
    "duplicate",
    "pending",
    "failed",
    "gone",
    "leased",
    "stale",
    "refused",
  ]),
  next_attempt_at: z.string().nullable(),
  detail: z.string().nullable(),
});
/** What became of one image: a status of `image_downloads`, `stale` or `refused`. */
export type Settlement = z.infer<typeof settlement>;

const backlog = z.object({
  vehicle_id: z.string(),
  urls: z.int(),
  images: z.int(),
  due: z.int(),
  waiting: z.int(),
  leased: z.int(),
  failed: z.int(),
  gone: z.int(),
  next_attempt_at: z.string().nullable(),
  last_error: z.string().nullable(),
});
/** How the images of one vehicle stand. */
export type ImageBacklog = z.infer<typeof backlog>;

/** Which images to claim. */
export interface ImageClaim {
  limit: number;
  vehicleIds?: readonly string[];
  onlyMissing?: boolean;
  perVehicle?: number;
  /** Hosts that take no request now. */
  skipHosts?: readonly string[];
}

/** What ending downloads needs beside what every leased table has. */
interface ImageTable extends LeasedTable<ClaimedImage, ImageClaim> {
  /**
   * Writes what became of claimed images, all in one transaction; results come in the order of the
   * images. Sent again when the database does not answer: what was written after all is then
   * `stale`, never written twice. @throws DatabaseError when the database refuses or stays away.
   */
  settle(database: DatabaseClient, results: readonly SettledImage[]): Promise<Settlement[]>;
}

/** The images to download: covers first, then galleries in waves. */
export const IMAGE_DOWNLOADS: ImageTable = {
  name: "image_downloads",
  async claim(database, claim) {
    const answer = await database.rpc("claim_image_downloads", {
      p_limit: claim.limit,
      p_vehicle_ids: claim.vehicleIds && [...claim.vehicleIds],
      p_only_missing: claim.onlyMissing ?? false,
      p_per_vehicle: claim.perVehicle,
      p_skip_hosts: [...claim.skipHosts ?? []],
    });
    return z.array(claimedImage).parse(unwrap("claim_image_downloads", answer));
  },
  async heartbeat(database, tokens) {
    const answer = await database.rpc("heartbeat_image_downloads", { p_tokens: tokens });
    unwrap("heartbeat_image_downloads", answer);
  },
  async settle(database, results) {
    if (results.length === 0) return [];
    const settled = await withRetry(async () => {
      const answer = await database.rpc("settle_image_downloads", { p_results: asJson(results) });
      return z.array(settlement).parse(unwrap("settle_image_downloads", answer));
    });
    const key = (one: { vehicle_id: string; url: string }) => `${one.vehicle_id} ${one.url}`;
    const byImage = new Map(settled.map((one) => [key(one), one]));
    return results.flatMap((one) => byImage.get(key(one)) ?? []);
  },
  async release(database, handedBack) {
    const items = handedBack.map(({ row, message, retryAt }) => ({
      vehicle_id: row.vehicle_id,
      url: row.url,
      lease_token: row.lease_token,
      retry_at: retryAt,
      error: message,
    }));
    await withRetry(async () => {
      const answer = await database.rpc("release_image_downloads", { p_items: asJson(items) });
      unwrap("release_image_downloads", answer);
    });
  },
};

/** Vehicles with an image to download now, those without a picture first. @throws DatabaseError */
export async function vehiclesDueForImages(
  database: DatabaseClient,
  limit: number,
  onlyMissing: boolean,
): Promise<string[]> {
  const answer = await database.rpc("vehicles_due_for_images", {
    p_limit: limit,
    p_only_missing: onlyMissing,
  });
  return z.array(z.string()).parse(unwrap("vehicles_due_for_images", answer));
}

const givenUp = z.object({
  images: z.int(),
  vehicles: z.int(),
  what_to_type: z.string().nullable(),
});
/** Images that no worker tries again, of how many vehicles, and the SQL that gives them new attempts. */
export type GivenUp = z.infer<typeof givenUp>;

/** How many images of these vehicles, or of all, are given up. @throws DatabaseError */
export async function imagesGivenUp(
  database: DatabaseClient,
  vehicleIds?: readonly string[],
): Promise<GivenUp> {
  const answer = await database.rpc("images_given_up", {
    p_vehicle_ids: vehicleIds && [...vehicleIds],
  });
  return givenUp.parse(unwrap("images_given_up", answer));
}

/** How the images of these vehicles stand; one that does not exist is left out. @throws DatabaseError */
export async function imageBacklog(
  database: DatabaseClient,
  vehicleIds: readonly string[],
): Promise<ImageBacklog[]> {
  const answer = await database.rpc("image_backlog", { p_vehicle_ids: [...vehicleIds] });
  return z.array(backlog).parse(unwrap("image_backlog", answer));
}

/** Makes failed and waiting images of these vehicles due now; gives how many. @throws DatabaseError */
export async function retryImages(
  database: DatabaseClient,
  vehicleIds: readonly string[],
): Promise<number> {
  const answer = await database.rpc("retry_image_downloads", { p_vehicle_ids: [...vehicleIds] });
  return z.int().parse(unwrap("retry_image_downloads", answer));
}

/** Which pictures an operator wants to be downloaded (`fill_policy.galleries`). */
export const picturesWanted = z.enum(["none", "cover", "all"]);
export type PicturesWanted = z.infer<typeof picturesWanted>;

/** Puts a picture into Storage; doing so again changes nothing. @throws Error with Storage's words. */
export async function uploadImage(
  database: DatabaseClient,
  path: string,
  bytes: Uint8Array,
  mime: string,
): Promise<void> {
  const { error } = await database.storage.from(IMAGE_BUCKET)
    .upload(path, bytes, { contentType: mime, upsert: true, cacheControl: "31536000" });
  if (error) throw new Error(`Storage refused ${IMAGE_BUCKET}/${path}: ${error.message}`);
}
