import { hostOf } from "../domain/host.ts";
import type { Step } from "./apply.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

/** A step of one vehicle that was made apart from any reading. */
export type NotedStep = Omit<Step, "status"> & {
  vehicle_id: string;
  /** `pending`: begun, and left to the queue that finishes it. */
  status: Step["status"] | "pending";
  /** The listing that it belongs to. */
  url: string | null;
};

/** Writes steps down that no reading was written with. @throws DatabaseError */
export async function noteSteps(
  database: DatabaseClient,
  steps: readonly NotedStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map(({ metadata, ...step }) => ({
    ...step,
    source: step.url === null ? null : hostOf(step.url) || null,
    metadata: asJson(metadata ?? {}),
    completed_at: step.status === "pending" ? null : new Date().toISOString(),
  }));
  unwrap("noting steps", await database.from("scrape_steps").insert(rows));
}
