import { z } from "zod";
import type { Store } from "./client.ts";
import { StoreError, taken } from "./error.ts";
import { SNAPSHOT_BUCKET } from "./snapshots.ts";

/** Objects of the bucket that no kept page needs any longer, the oldest first. */
export async function unneededObjects(store: Store, limit: number): Promise<string[]> {
  const answer = await store.rpc("unneeded_snapshot_objects", { p_limit: limit });
  return z.array(z.string()).parse(taken("unneeded_snapshot_objects", answer));
}

/**
 * Removes objects from Storage, then says so; one that is gone already is no error.
 * @throws StoreError when Storage cannot answer: nothing is forgotten, the next run tries again.
 */
export async function removeObjects(store: Store, paths: string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const { error } = await store.storage.from(SNAPSHOT_BUCKET).remove(paths);
  if (error !== null) throw new StoreError("removing snapshots", { message: error.message }, 0);
  const answer = await store.rpc("forget_snapshot_objects", { p_paths: paths });
  return z.int().parse(taken("forget_snapshot_objects", answer));
}
