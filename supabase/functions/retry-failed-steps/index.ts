import { scrapeRetryQueueWorker } from "../_shared/edge/queues/scrape_retry_queue.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(scrapeRetryQueueWorker);
