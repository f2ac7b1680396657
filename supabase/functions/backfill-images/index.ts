import { imageDownloadsWorker } from "../_shared/edge/queues/image_downloads.ts";
import { serve } from "../_shared/edge/serve.ts";

serve(imageDownloadsWorker);
