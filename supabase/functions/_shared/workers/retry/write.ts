import { applyExtractions, type ApplyResult, previewExtractions } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { RETRY_QUEUE } from "../../database/retries.ts";
import { type NotedStep, noteSteps } from "../../database/steps.ts";
import type { RetryItem } from "./one.ts";

/** What became of one step that was tried. */
export interface Written {
  outcome: string;
  error: string | null;
  /** Of the queue row; null in a dry run, and when the lease was lost. */
  status: string | null;
  changes: ApplyResult["changes"];
  fields_updated: string[];
}

type Reading = Extract<RetryItem, { kind: "reading" }>;
type Ended = Extract<RetryItem, { kind: "ended" }>;

function ofReading({ item, row }: Reading, result: ApplyResult, dryRun: boolean): Written {
  const broken = result.step_errors[row.step_name];
  return {
    outcome: result.status !== "applied"
      ? result.status
      : broken === undefined
      ? item.outcome
      : "server_error",
    error: broken ?? result.error ?? item.error ?? null,
    status: dryRun ? null : result.state ?? null,
    changes: result.changes,
    fields_updated: result.fields_updated,
  };
}

function ofEnded(item: Ended, status: string | null): Written {
  return {
    outcome: item.outcome,
    error: item.error,
    status,
    changes: {},
    fields_updated: item.fieldsUpdated,
  };
}

async function writeEnded(
  database: DatabaseClient,
  items: Ended[],
): Promise<Map<string, string | null>> {
  const settled = await RETRY_QUEUE.settle(
    database,
    items.flatMap(({ row: { id, lease_token }, outcome, error }) =>
      lease_token === null ? [] : [{ id, lease_token, outcome, error }]
    ),
  );
  // After the row: what is noted as done would settle it, and the lease would seem lost.
  await noteSteps(
    database,
    items.flatMap(({ row: { id, vehicle_id }, step, url }): NotedStep[] =>
      step === null || vehicle_id === null || settled.get(id) === null
        ? []
        : [{ ...step, vehicle_id, url }]
    ),
  );
  return settled;
}

/** Writes what came of steps, in one round trip for all readings; a dry run only asks what would change. */
export async function writeTries(
  database: DatabaseClient,
  items: RetryItem[],
  dryRun: boolean,
): Promise<Written[]> {
  const readings = items.filter((one) => one.kind === "reading");
  const others = items.filter((one) => one.kind === "ended");
  const write = dryRun ? previewExtractions : applyExtractions;
  const results = await write(database, readings.map(({ item }) => item));
  const settled = dryRun ? new Map<string, string | null>() : await writeEnded(database, others);

  const written = new Map<RetryItem, Written>();
  readings.forEach((one, index) => {
    const result = results[index];
    if (result !== undefined) written.set(one, ofReading(one, result, dryRun));
  });
  for (const one of others) written.set(one, ofEnded(one, settled.get(one.row.id) ?? null));
  return items.flatMap((one) => written.get(one) ?? []);
}
