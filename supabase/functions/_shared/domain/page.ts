import { z } from "zod";

/** One answer to one fetch of a listing, decoded to text. */
const page = z.object({
  /** The URL that was asked for: the real site's, also when a mirror answered. */
  url: z.url(),
  /** HTTP status of the last hop. */
  status: z.int(),
  /** Media type of the answer without parameters, lower case; `""` when the site sent none. */
  contentType: z.string(),
  body: z.string(),
  /** When the site answered, ISO 8601 in UTC. A page read from a snapshot keeps the snapshot's. */
  fetchedAt: z.iso.datetime({ offset: true }),
});
export type Page = z.infer<typeof page>;
