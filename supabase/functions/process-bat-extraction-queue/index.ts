import { batExtractionQueueWorker } from "../_shared/edge/queues/bat_extraction_queue.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(batExtractionQueueWorker);
