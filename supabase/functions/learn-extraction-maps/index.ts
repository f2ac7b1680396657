import { extractionMapJobsWorker } from "../_shared/edge/queues/extraction_map_jobs.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(extractionMapJobsWorker);
