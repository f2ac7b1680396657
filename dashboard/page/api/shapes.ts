/** The shapes that the dashboard's functions answer in; docs/dashboard.md says what they mean. */
import * as z from "zod/mini";

const text = z.nullable(z.string());
const number = z.nullable(z.number());

/** How a panel or a row stands; in this order from worst to best. */
export const stateSchema = z.catch(z.enum(["bad", "warn", "ok", "idle", "unknown"]), "unknown");
export type State = z.infer<typeof stateSchema>;

const action = z.object({
  label: z.string(),
  rpc: z.string(),
  args: z.record(z.string(), z.unknown()),
  /** The name of a text argument to ask for first. */
  asks: z.optional(text),
});
/** A button: which function it calls, with what. */
export type Action = z.infer<typeof action>;

const link = z.object({ vehicle: z.optional(z.string()), url: z.optional(z.string()) });

const row = z.object({
  key: z.string(),
  state: stateSchema,
  word: text,
  title: z.string(),
  says: text,
  why: z.optional(text),
  since: z.optional(text),
  until: z.optional(text),
  what_to_type: z.optional(text),
  actions: z.catch(z.array(action), []),
  link: z.optional(z.nullable(link)),
  values: z.record(z.string(), z.unknown()),
});
export type Row = z.infer<typeof row>;

const series = z.object({
  name: z.string(),
  unit: z.string(),
  kind: z.enum(["sum", "gauge"]),
  step: z.enum(["minute", "hour", "day"]),
  x: z.array(z.number()),
  y: z.array(z.object({ subject: z.string(), values: z.array(number) })),
});
/** Sampled values for a chart: `x` is the begin of each step in seconds since 1970. */
export type Series = z.infer<typeof series>;

const panel = z.object({
  at: z.optional(text),
  state: stateSchema,
  says: z.string(),
  summary: z.record(z.string(), z.unknown()),
  rows: z.array(row),
  rows_left: z.optional(number),
  series: z.array(series),
  empty: z.optional(text),
});
export type Panel = z.infer<typeof panel>;

const failedPanel = z.object({
  error: z.object({
    message: z.string(),
    says: z.optional(text),
    what_to_type: z.optional(text),
  }),
});
export type FailedPanel = z.infer<typeof failedPanel>;

export const dashboardSchema = z.object({
  now: z.string(),
  sampled_at: z.optional(text),
  sample_age_s: z.optional(number),
  operator: z.optional(z.nullable(z.object({ email: z.optional(text) }))),
  // What one panel holds is proved by itself: another one is whole although this one is not.
  panels: z.record(z.string(), z.unknown()),
});
export type Dashboard = z.infer<typeof dashboardSchema>;

/** One panel of an answer: itself, or what is wrong with it. */
export function readPanel(raw: unknown): Panel | FailedPanel {
  const failed = failedPanel.safeParse(raw);
  if (failed.success) return failed.data;
  const read = panel.safeParse(raw);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  return {
    error: {
      message: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
      says: raw === undefined
        ? "The database gave no such panel: it is older than this page."
        : "The database gave this panel in a shape that this page does not know: they are of different releases.",
      what_to_type: "npx -y supabase@3.1.0 db push --remote",
    },
  };
}

/** What became of something that an operator did. */
export const doneSchema = z.object({
  outcome: z.enum(["done", "nothing_to_do", "already_done", "changed", "refused", "failed"]),
  said: z.string(),
  by: z.optional(text),
  at: z.optional(text),
});
export type Done = z.infer<typeof doneSchema>;

/** A number of a summary or of a row's values; null where it was not measured. */
export function numberIn(values: Record<string, unknown>, name: string): number | null {
  const value = values[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A text of a summary or of a row's values; null where there is none. */
export function textIn(values: Record<string, unknown>, name: string): string | null {
  const value = values[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** The texts of a list; empty where there is none. */
export function textsIn(values: Record<string, unknown>, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** An object within; empty where there is none. */
export function objectIn(values: Record<string, unknown>, name: string): Record<string, unknown> {
  const read = z.record(z.string(), z.unknown()).safeParse(values[name]);
  return read.success ? read.data : {};
}
