import type { RetryRow } from "../../database/retries.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { Describe } from "../description/describe.ts";
import { descriptionItem } from "../description/generate_description.ts";
import { outOfTime } from "../lease/work.ts";
import type { ImageRetries } from "./images.ts";
import { ended, reading, type Tried } from "./item.ts";
import { tryPageStep } from "./page_step.ts";
import type { SharedPages } from "./pages.ts";
import { isStep, STEPS, unknownStep } from "./steps.ts";

/** What trying steps again needs of the outside. */
export interface RetryContext {
  pages: SharedPages;
  images: ImageRetries;
  describe: Describe;
  dryRun: boolean;
  /** Epoch milliseconds after which no row is begun. */
  deadline: number;
}

/** Tries the step of one row again, and nothing else. Never throws for what a site does. */
export async function tryAgain(
  row: RetryRow,
  { pages, images, describe, dryRun, deadline }: RetryContext,
): Promise<Tried | NotStarted> {
  const { step_name: name, vehicle } = row;
  if (!isStep(name)) return ended(row, "invalid", unknownStep(name));
  if (vehicle === null) return ended(row, "invalid", "the row names no vehicle");
  if (Date.now() >= deadline) return outOfTime();

  const step = STEPS[name];
  if (step === "images") return await images.tryAgain(row, vehicle.id);
  if (step === "description") {
    const made = await descriptionItem(pages.fetcher, describe, vehicle, !dryRun);
    if (made.kind === "not_started") return made;
    // Nothing to do is an answer, too.
    return made.kind === "skipped" ? ended(row, "ok", made.why) : reading(row, made.item, null);
  }
  const { url } = vehicle;
  if (url === null) return ended(row, "invalid", "the vehicle has no source URL");
  const tried = await tryPageStep(step, { ...vehicle, url }, pages);
  return tried.kind === "not_started" ? tried : reading(row, tried.item, tried.from);
}
