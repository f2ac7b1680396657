import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { DatabaseError, unwrap } from "./error.ts";
import { SNAPSHOT_BUCKET } from "./snapshots.ts";

/** Objects of the bucket that no snapshot needs any longer, the oldest first. */
export async function unneededObjects(database: DatabaseClient, limit: number): Promise<string[]> {
  const answer = await database.rpc("unneeded_snapshot_objects", { p_limit: limit });
  return z.array(z.string()).parse(unwrap("unneeded_snapshot_objects", answer));
}

/**
 * Removes objects from Storage, then says so; one that is gone already is no error.
 * @throws DatabaseError when Storage cannot answer: nothing is forgotten, the next run tries again.
 */
export async function removeObjects(database: DatabaseClient, paths: string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const { error } = await database.storage.from(SNAPSHOT_BUCKET).remove(paths);
  if (error !== null) throw new DatabaseError("removing snapshots", { message: error.message }, 0);
  const answer = await database.rpc("forget_snapshot_objects", { p_paths: paths });
  return z.int().parse(unwrap("forget_snapshot_objects", answer));
}
