import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { queue } from "./queue.ts";

const importRow = z.object({
  id: uuid,
  listing_url: z.string(),
  lease_token: uuid.nullable(),
});

export type ImportRow = z.infer<typeof importRow>;

export const IMPORT_QUEUE = queue("import_queue", importRow);

/** Which of these canonical URLs wait in the queue or are worked on. @throws DatabaseError */
export async function waitingImports(
  database: DatabaseClient,
  canonicalUrls: string[],
): Promise<Set<string>> {
  if (canonicalUrls.length === 0) return new Set();
  const answer = await database.from("import_queue")
    .select("canonical_url")
    .in("canonical_url", canonicalUrls)
    .in("status", ["pending", "processing"]);
  const rows = z.array(z.object({ canonical_url: z.string() }))
    .parse(unwrap("finding queued listings", answer));
  return new Set(rows.map((row) => row.canonical_url));
}
