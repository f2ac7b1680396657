import { retryImages } from "../../database/images.ts";
import { type ImageStanding, imageStandings } from "../../database/image_steps.ts";
import type { RetryRow } from "../../database/retries.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { ImageTools } from "../images/download.ts";
import { drainImages } from "../images/drain.ts";
import { ended, type Tried } from "./item.ts";

/** Downloads the images of all vehicles of a run in one drain, when the first of them is asked for. */
export class ImageRetries {
  #work: Promise<Map<string, ImageStanding>> | undefined;

  constructor(
    private readonly tools: ImageTools,
    private readonly vehicleIds: string[],
    private readonly dryRun: boolean,
  ) {}

  /** What became of one of the vehicles. @throws DatabaseError */
  async tryAgain(row: RetryRow, vehicleId: string): Promise<Tried | NotStarted> {
    this.#work ??= this.#all();
    const one = (await this.#work).get(vehicleId);
    if (one === undefined) return ended(row, "invalid", "no such vehicle");
    const { status, outcome_code, error_message, retry_at } = one;
    if (status === "pending") {
      return {
        kind: "not_started",
        reason: "host_busy",
        message: error_message ?? "the images wait for their turn",
        retryAt: retry_at ?? new Date().toISOString(),
      };
    }
    return ended(row, outcome_code ?? "invalid", error_message);
  }

  async #all(): Promise<Map<string, ImageStanding>> {
    const { tools: { database }, vehicleIds, dryRun } = this;
    const before = await imageStandings(database, vehicleIds, []);
    if (dryRun) return before;
    // Nothing waits any more, and some failed for good: this retry is another chance for those.
    const spent = vehicleIds.filter((id) => before.get(id)?.status === "failed");
    if (spent.length > 0) await retryImages(database, spent);
    await drainImages({ limit: Number.MAX_SAFE_INTEGER, vehicleIds }, this.tools);
    return await imageStandings(database, vehicleIds, spent);
  }
}
