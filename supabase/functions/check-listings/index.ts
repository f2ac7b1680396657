import { listingChecksWorker } from "../_shared/edge/queues/listing_checks.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(listingChecksWorker);
