import { backfillQueueWorker } from "../_shared/edge/queues/backfill_queue.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(backfillQueueWorker);
