/** When a cron job is due. */
import { Cron } from "croner";

/** Gives the next time a job is due after a moment (both in epoch ms), or null when it never is. */
export type Schedule = (after: number) => number | null;

/**
 * A schedule in the words of pg_cron: five cron fields or a name such as `@hourly`, in UTC, or `20 seconds`,
 * counted from the previous run. @throws when the words make no schedule.
 */
export function parseSchedule(words: string): Schedule {
  const interval = /^\s*([1-9]|[1-5]\d)\s+seconds?\s*$/i.exec(words);
  if (interval !== null) return (after) => after + Number(interval[1]) * 1000;
  if (/^\s*@reboot\s*$/i.test(words)) return () => null;
  // pg_cron writes `$` for the last day of a month, croner `L`.
  const pattern = new Cron(words.trim().replaceAll("$", "L"), { timezone: "UTC", mode: "5-part" });
  return (after) => pattern.nextRun(new Date(after))?.getTime() ?? null;
}
