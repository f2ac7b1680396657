import { type ImageBacklog, imageBacklog, retryImages } from "../../database/images.ts";
import { imageTroubles } from "../../database/retries.ts";
import type { ImageTools } from "../images/download.ts";
import { drainImages } from "../images/drain.ts";
import { type ImageTry, imageVerdict, openImages } from "./image_verdict.ts";

/** Downloads the images of all vehicles of a run in one drain, when the first of them is asked for. */
export class ImageRetries {
  #work: Promise<Map<string, ImageTry>> | undefined;

  constructor(
    private readonly tools: ImageTools,
    private readonly vehicleIds: string[],
    private readonly dryRun: boolean,
  ) {}

  /** Gives what became of one of the vehicles. @throws DatabaseError */
  async of(vehicleId: string): Promise<ImageTry> {
    this.#work ??= this.#all();
    return (await this.#work).get(vehicleId) ?? imageVerdict(undefined, false, []);
  }

  async #backlogs(): Promise<Map<string, ImageBacklog>> {
    const rows = await imageBacklog(this.tools.database, this.vehicleIds);
    return new Map(rows.map((row) => [row.vehicle_id, row]));
  }

  async #all(): Promise<Map<string, ImageTry>> {
    const { database } = this.tools;
    const before = await this.#backlogs();
    // Nothing waits any more, and some failed for good: this retry is another chance for those.
    const spent = [...before.values()]
      .filter((one) => one.failed > 0 && openImages(one) === 0)
      .map((one) => one.vehicle_id);
    if (!this.dryRun) {
      if (spent.length > 0) await retryImages(database, spent);
      const { vehicleIds } = this;
      await drainImages({ limit: Number.MAX_SAFE_INTEGER, vehicleIds }, this.tools);
    }
    const after = this.dryRun ? before : await this.#backlogs();
    const troubles = Map.groupBy(
      await imageTroubles(database, this.vehicleIds),
      (one) => one.vehicle_id,
    );
    return new Map(this.vehicleIds.map((id) => [
      id,
      imageVerdict(after.get(id), spent.includes(id), troubles.get(id) ?? []),
    ]));
  }
}
