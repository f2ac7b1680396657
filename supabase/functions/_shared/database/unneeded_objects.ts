import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { DatabaseError, unwrap } from "./error.ts";

const unneeded = z.object({ bucket: z.string(), storage_path: z.string() });
type UnneededObject = z.infer<typeof unneeded>;

/** What a run would remove now, the oldest first; changes nothing. @throws DatabaseError */
export async function previewUnneeded(
  database: DatabaseClient,
  limit: number,
): Promise<UnneededObject[]> {
  const answer = await database.rpc("preview_unneeded_objects", { p_limit: limit });
  return z.array(unneeded).parse(unwrap("preview_unneeded_objects", answer));
}

/** Files that no row names, and that none will name until they are removed. @throws DatabaseError */
export async function claimUnneeded(
  database: DatabaseClient,
  limit: number,
): Promise<UnneededObject[]> {
  const answer = await database.rpc("claim_unneeded_objects", { p_limit: limit });
  return z.array(unneeded).parse(unwrap("claim_unneeded_objects", answer));
}

/**
 * Removes files from Storage, a call a bucket, then says so in one; one that is gone already is no error.
 * @throws DatabaseError when Storage cannot answer: nothing is forgotten, a later run tries again.
 */
export async function removeObjects(
  database: DatabaseClient,
  objects: UnneededObject[],
): Promise<number> {
  if (objects.length === 0) return 0;
  const buckets = Map.groupBy(objects, ({ bucket }) => bucket);
  for (const [bucket, files] of buckets) {
    const paths = files.map(({ storage_path }) => storage_path);
    const { error } = await database.storage.from(bucket).remove(paths);
    if (error !== null) {
      throw new DatabaseError(`removing ${bucket}`, { message: error.message }, 0);
    }
  }
  const answer = await database.rpc("forget_snapshot_objects", {
    p_paths: objects.map(({ storage_path }) => storage_path),
  });
  return z.int().parse(unwrap("forget_snapshot_objects", answer));
}
