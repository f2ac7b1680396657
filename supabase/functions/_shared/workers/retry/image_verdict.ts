import type { ImageBacklog } from "../../database/images.ts";
import type { ImageTrouble } from "../../database/retries.ts";
import { canHeal, type OutcomeCode } from "../../domain/outcome.ts";
import type { NotStarted } from "../../fetching/result.ts";

/** How the images of one vehicle stand after a try. */
export type ImageTry = { kind: "done"; outcome: OutcomeCode; error: string | null } | NotStarted;

/** Another worker has leased them: looked at again when its lease has run out. */
const LEASED_MS = 30_000;

/** Images that are still to come by themselves. */
export const openImages = ({ due, waiting, leased }: ImageBacklog): number =>
  due + waiting + leased;

function waits(message: string, retryAt: string | null): NotStarted {
  return {
    kind: "not_started",
    reason: "host_busy",
    message,
    retryAt: retryAt ?? new Date(Date.now() + LEASED_MS).toISOString(),
  };
}

/**
 * What one vehicle's try came to. What only waits for its own time is no failure; images that were
 * given new attempts by this try, and failed again, are.
 */
export function imageVerdict(
  after: ImageBacklog | undefined,
  triedAnew: boolean,
  troubles: readonly ImageTrouble[],
): ImageTry {
  if (after === undefined) return { kind: "done", outcome: "invalid", error: "no such vehicle" };
  if (after.urls === 0 && after.images === 0) {
    const error = "no image URL is known: the step extract_images finds them";
    return { kind: "done", outcome: "invalid", error };
  }
  const missing = after.failed + openImages(after);
  if (missing === 0) return { kind: "done", outcome: "ok", error: null };
  if (after.due > 0 || after.leased > 0 || (after.waiting > 0 && !triedAnew)) {
    const why = after.last_error === null ? "" : ` (${after.last_error})`;
    const message = `${openImages(after)} of ${after.urls} images wait for their turn${why}`;
    return waits(message, after.next_attempt_at);
  }
  const why = troubles.find(({ outcome }) => canHeal(outcome)) ?? troubles[0];
  return {
    kind: "done",
    outcome: why?.outcome ?? "server_error",
    error: `${missing} of ${after.urls} images could not be downloaded: ${
      why?.last_error ?? after.last_error ?? "no reason is on record"
    }`,
  };
}
