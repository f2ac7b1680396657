import type { ApplyItem, Step } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { RETRY_QUEUE, type RetryRow } from "../../database/retries.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import { type OutcomeCode, outcomeCode, wasRead } from "../../domain/outcome.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { Describe } from "../description/describe.ts";
import { generateDescriptions } from "../description/generate_description.ts";
import { requestOf } from "../lease/queue.ts";
import { outOfTime } from "../lease/work.ts";
import type { ImageRetries } from "./images.ts";
import { type From, tryPageStep } from "./page_step.ts";
import type { SharedPages } from "./pages.ts";
import { PAGE_STEPS, unknownStep } from "./steps.ts";

/** What is to be written of a step that was tried: a reading, or no more than how it ended. */
export type RetryItem =
  | { kind: "reading"; row: RetryRow; item: ApplyItem }
  | {
    kind: "ended";
    row: RetryRow;
    outcome: OutcomeCode;
    error: string | null;
    /** The vehicle's listing. */
    url: string | null;
    /** How it is noted; null when the action notes it by itself. */
    step: Step | null;
    fieldsUpdated: string[];
  };

/** A step that was tried. */
interface Tried {
  kind: "done";
  item: RetryItem;
  from: From;
}

/** What trying steps again needs of the outside. */
export interface RetryContext {
  database: DatabaseClient;
  pages: SharedPages;
  images: ImageRetries;
  describe: Describe;
  dryRun: boolean;
  /** Epoch milliseconds after which no row is begun. */
  deadline: number;
}

/** A try that is no reading. */
export function ended(
  row: RetryRow,
  url: string | null,
  outcome: OutcomeCode,
  error: string | null,
): Tried {
  const step: Step = {
    step_name: row.step_name,
    status: outcome === "ok" ? "success" : "failed",
    error_message: error,
    outcome_code: outcome,
    metadata: { retried_by: RETRY_QUEUE.name },
  };
  return {
    kind: "done",
    from: null,
    item: { kind: "ended", row, url, outcome, error, step, fieldsUpdated: [] },
  };
}

/** How long a description waits whose page could not be asked for, milliseconds. */
const LATER_MS = 60_000;

async function tryDescription(
  row: RetryRow,
  vehicle: HeldVehicle,
  { database, pages, describe, dryRun, deadline }: RetryContext,
): Promise<Tried | NotStarted> {
  const end = (outcome: OutcomeCode, error: string | null) =>
    ended(row, vehicle.url, outcome, error);
  const [report] = await generateDescriptions(database, pages.fetcher, describe, [vehicle], dryRun);
  if (report === undefined) return end("invalid", "no such vehicle");
  const { outcome, error, fields_updated } = report;
  if (outcome === "not_started") {
    if (Date.now() >= deadline) return outOfTime();
    const retryAt = new Date(Date.now() + LATER_MS).toISOString();
    return { kind: "not_started", reason: "host_busy", message: error ?? outcome, retryAt };
  }
  if (outcome === "skipped") return end("ok", error);
  if (wasRead(outcome)) {
    const done = end("ok", null);
    const wrote = { ...done.item, step: null, fieldsUpdated: fields_updated };
    return { ...done, item: wrote };
  }
  const code = outcomeCode.safeParse(outcome);
  return end(code.success ? code.data : "server_error", error);
}

/** Tries the step of one row again, and nothing else. Never throws for what a site does. */
export async function tryAgain(
  row: RetryRow,
  vehicle: HeldVehicle | undefined,
  context: RetryContext,
): Promise<Tried | NotStarted> {
  const { step_name: name } = row;
  const step = Object.hasOwn(PAGE_STEPS, name) ? PAGE_STEPS[name] : undefined;
  if (step === undefined && name !== "backfill_images" && name !== "generate_description") {
    return ended(row, vehicle?.url ?? null, "invalid", unknownStep(name));
  }
  if (vehicle === undefined) return ended(row, null, "invalid", "the row names no vehicle");

  if (name === "generate_description") return await tryDescription(row, vehicle, context);
  if (step === undefined) {
    const images = await context.images.of(vehicle.id);
    return images.kind === "done" ? ended(row, vehicle.url, images.outcome, images.error) : images;
  }
  const { url } = vehicle;
  if (url === null) return ended(row, null, "invalid", "the vehicle has no source URL");
  const tried = await tryPageStep(name, step, { ...vehicle, url }, context.pages);
  if (tried.kind === "not_started") return tried;
  const request = requestOf(RETRY_QUEUE.name, row);
  return {
    kind: "done",
    from: tried.from,
    item: { kind: "reading", row, item: { ...tried.item, ...request } },
  };
}
