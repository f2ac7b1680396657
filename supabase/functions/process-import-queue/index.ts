import { importQueueWorker } from "../_shared/edge/queues/import_queue.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(importQueueWorker);
