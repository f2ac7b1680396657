import { microScrapeStateWorker } from "../_shared/edge/queues/micro_scrape_state.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(microScrapeStateWorker);
