import { z } from "zod";
import {
  claimUnneeded,
  previewUnneeded,
  removeObjects,
} from "../_shared/database/unneeded_objects.ts";
import { common } from "../_shared/edge/body.ts";
import { serve } from "../_shared/edge/serve.ts";
import { WRITING_MS } from "../_shared/edge/tools.ts";

serve({
  name: "prune-snapshots",
  body: z.strictObject({
    batch_size: common.batchSize(200, 1000),
    max_runtime_ms: common.maxRuntimeMs,
    dry_run: common.dryRun,
    background: common.background,
  }),
  async handle(body, { database, startedAt }) {
    const deadline = startedAt + body.max_runtime_ms - WRITING_MS;
    if (body.dry_run) {
      const objects = await previewUnneeded(database, body.batch_size);
      const paths = objects.map(({ storage_path }) => storage_path);
      return { success: true, dry_run: true, removed: 0, would_remove: paths };
    }
    let removed = 0;
    while (Date.now() < deadline) {
      const objects = await claimUnneeded(database, body.batch_size);
      removed += await removeObjects(database, objects);
      if (objects.length < body.batch_size) break;
    }
    return { success: true, dry_run: false, removed, runtime_ms: Date.now() - startedAt };
  },
});
