import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { Store } from "./client.ts";
import { taken } from "./error.ts";
import type { Queue } from "./queue.ts";

const importRow = z.object({
  id: uuid,
  listing_url: z.string(),
  lease_token: uuid.nullable(),
});
/** A listing that was found and is to become a vehicle. */
export type ImportRow = z.infer<typeof importRow>;

export const IMPORT_QUEUE: Queue<ImportRow> = { name: "import_queue", row: importRow };

/** Which of these canonical URLs wait in the queue or are worked on. @throws StoreError */
export async function waitingImports(store: Store, canonicalUrls: string[]): Promise<Set<string>> {
  if (canonicalUrls.length === 0) return new Set();
  const answer = await store.from("import_queue")
    .select("canonical_url")
    .in("canonical_url", canonicalUrls)
    .in("status", ["pending", "processing"]);
  const rows = z.array(z.object({ canonical_url: z.string() }))
    .parse(taken("finding queued listings", answer));
  return new Set(rows.map((row) => row.canonical_url));
}
