import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { DatabaseError, unwrap } from "./error.ts";

/** The private bucket that pages are kept in. */
const SNAPSHOT_BUCKET = "page-snapshots";

/** A page kept, as `newest_page_snapshots` gives it. */
export const snapshot = z.object({
  id: uuid,
  canonical_url: z.string(),
  url: z.string(),
  /** Where redirects led; the validators hold for this address. */
  final_url: z.string(),
  sha256: z.string(),
  fetched_at: z.iso.datetime({ offset: true }),
  last_seen_ms_ago: z.number(),
  status: z.int(),
  etag: z.string().nullable(),
  last_modified: z.string().nullable(),
  content_type: z.string(),
  bytes: z.int(),
  stored_bytes: z.int(),
  storage_path: z.string(),
});
export type Snapshot = z.infer<typeof snapshot>;

/** For one URL that was asked about: its canonical spelling (null: no http URL) and newest snapshot. */
export const newestSnapshot = z.object({
  url: z.string(),
  canonical_url: z.string().nullable(),
  snapshot: snapshot.nullable(),
});
export type NewestSnapshot = z.infer<typeof newestSnapshot>;

/** Where pages are kept. */
export interface SnapshotDatabase {
  /** The newest good snapshot of each URL, in one call. @throws DatabaseError. */
  newest(urls: string[]): Promise<NewestSnapshot[]>;
  /** Stores an object; storing the same path again is harmless. @throws DatabaseError. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** The object's bytes, or null when there is none. @throws DatabaseError when Storage cannot answer. */
  get(path: string): Promise<Uint8Array | null>;
}

/** Snapshots behind the REST and Storage API. */
export function snapshotDatabase(database: DatabaseClient): SnapshotDatabase {
  const bucket = () => database.storage.from(SNAPSHOT_BUCKET);
  const upload = (path: string, bytes: Uint8Array) =>
    bucket().upload(path, bytes, { contentType: "application/gzip", upsert: true });

  return {
    async newest(urls) {
      const answer = await database.rpc("newest_page_snapshots", { p_urls: urls });
      return z.array(newestSnapshot).parse(unwrap("finding snapshots", answer));
    },
    async put(path, bytes) {
      let { error } = await upload(path, bytes);
      if (error !== null && isMissing(error)) {
        // The migration makes the bucket where Storage keeps its tables in this database; elsewhere it is made here.
        const made = await database.storage.createBucket(SNAPSHOT_BUCKET, { public: false });
        if (made.error !== null && !/exist/i.test(made.error.message)) {
          throw storageError(`creating bucket ${SNAPSHOT_BUCKET}`, made.error);
        }
        ({ error } = await upload(path, bytes));
      }
      // Two workers that store the same new page at once can trip over each other; the second time it is there.
      if (error !== null && statusOf(error) >= 500) ({ error } = await upload(path, bytes));
      if (error !== null) throw storageError(`storing snapshot ${path}`, error);
    },
    async get(path) {
      const { data, error } = await bucket().download(path);
      if (error === null) return new Uint8Array(await data.arrayBuffer());
      if (isMissing(error)) return null;
      throw storageError(`reading snapshot ${path}`, error);
    },
  };
}

/** Whether Storage says that the bucket or the object does not exist (400 or 404, by its version). */
function isMissing(error: { message: string }): boolean {
  return statusOf(error) === 404 || /not.?found/i.test(error.message);
}

function storageError(what: string, error: { message: string }): DatabaseError {
  return new DatabaseError(what, { message: error.message }, statusOf(error));
}

function statusOf(error: object): number {
  return "status" in error && typeof error.status === "number" ? error.status : 0;
}
