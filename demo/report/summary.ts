import { FIELD_NAMES } from "../../supabase/functions/_shared/domain/fact.ts";
import type { Improvement } from "../driver/improve.ts";
import type { Site } from "../site/server.ts";
import type { Check } from "../verify/check.ts";
import type { Outcome } from "../verify/facts.ts";
import type { FollowedHeld } from "../verify/followed.ts";
import type { PipelineSummary } from "./pipeline.ts";

/** How a field stood in all vehicles, before and after. */
interface FieldRow {
  field: string;
  before: number;
  after: number;
  filled: number;
  corrected: number;
  cleared: number;
}

/** What the demo found, as `--json` prints it. */
export interface DemoResult {
  ok: boolean;
  /** What was found on index pages and imported, before gaps were filled. */
  pipeline?: PipelineSummary;
  /** What the registration of a better scraper came to. */
  improvement?: Improvement;
  /** Cars whose listings were followed: all of them, and what became of each. */
  followed?: FollowedHeld[];
  /** Seconds of filling, and seconds by which time was moved on. */
  seconds: number;
  moved_seconds: number;
  vehicles: number;
  scores: { before: number[]; after: number[]; mean_before: number; mean_after: number };
  states: Record<string, number>;
  fields: FieldRow[];
  /** Vehicles that are not complete, by state and reason. */
  not_complete: { state: string; why: string; vehicles: number }[];
  requests: Record<string, number>;
  checks: Check[];
}

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, it) => sum + it, 0) / numbers.length;

function fieldRows(outcomes: readonly Outcome[]): FieldRow[] {
  const held = (value: unknown): boolean => value !== null && value !== undefined;
  const rows = FIELD_NAMES.map((field): FieldRow => {
    const row = { field, before: 0, after: 0, filled: 0, corrected: 0, cleared: 0 };
    for (const { before, after } of outcomes) {
      const [was, is] = [before.columns[field], after.columns[field]];
      if (held(was)) row.before++;
      if (held(is)) row.after++;
      if (!held(was) && held(is)) row.filled++;
      if (held(was) && held(is) && was !== is) row.corrected++;
      if (held(was) && !held(is)) row.cleared++;
    }
    return row;
  });
  const images = outcomes.filter(({ after }) => after.images > 0).length;
  return [...rows, {
    field: "images",
    before: 0,
    after: images,
    filled: images,
    corrected: 0,
    cleared: 0,
  }];
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** Puts all that was seen into one object; `ok` only when every check found nothing. */
export function summarise(
  outcomes: readonly Outcome[],
  checks: Check[],
  run: { seconds: number; movedSeconds: number; site: Site },
): DemoResult {
  const before = outcomes.map((it) => Number(it.before.score));
  const after = outcomes.map((it) => Number(it.after.score));
  const incomplete = outcomes.filter((it) => it.after.state !== "complete");
  const reasons = countBy(
    incomplete,
    ({ plan, after }) =>
      JSON.stringify([
        after.state,
        plan.because ?? after.error ?? after.outcome ?? "not looked at",
      ]),
  );
  return {
    ok: checks.every((check) => check.problems.length === 0),
    seconds: run.seconds,
    moved_seconds: run.movedSeconds,
    vehicles: outcomes.length,
    scores: { before, after, mean_before: mean(before), mean_after: mean(after) },
    states: Object.fromEntries(countBy(outcomes, (it) => it.after.state)),
    fields: fieldRows(outcomes),
    not_complete: [...reasons].map(([key, vehicles]) => {
      const [state, why] = JSON.parse(key) as [string, string];
      return { state, why, vehicles };
    }).sort((a, b) => b.vehicles - a.vehicles),
    requests: Object.fromEntries(countBy(run.site.requests, (it) => String(it.status))),
    checks,
  };
}
