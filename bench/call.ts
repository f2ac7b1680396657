import { z } from "zod";

const report = z.object({
  analyzed: z.int(),
  improved: z.int(),
  marked_complete: z.int(),
  not_started: z.array(z.object({ code: z.string(), message: z.string() })),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
/** What a run of micro-scrape-bandaid says it did. */
type RunReport = z.infer<typeof report>;

/**
 * Runs micro-scrape-bandaid once over at most 20 due vehicles.
 * @throws Error when it answers anything but success, or could not read a page.
 */
export async function microScrape(url: string, key: string): Promise<RunReport> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { apikey: key, "content-type": "application/json" },
    body: JSON.stringify({ batch_size: 20, max_runtime_ms: 60_000 }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`micro-scrape-bandaid answered ${answer.status}: ${text}`);
  const run = report.parse(JSON.parse(text));
  const trouble = run.problems[0] ?? run.not_started[0];
  if (trouble !== undefined) throw new Error(`a page was not read: ${trouble.message}`);
  return run;
}
