import { parseArgs } from "node:util";
import { TASK } from "../local/command_line.ts";

interface DemoOptions {
  /** Leave stack and sites up after the result. */
  keep: boolean;
  /** A folder of real pages to serve instead of the generated sites. */
  corpus: string | null;
  /** A day of the agent that fills the database, by forty sites. */
  fill: boolean;
  /** With `fill`: its first two cycles only. */
  quick: boolean;
  /** A database with something wrong in every corner, for the dashboard. */
  trouble: boolean;
  /** One JSON object on standard output instead of text; progress is not shown. */
  json: boolean;
  help: boolean;
}

export const HELP =
  `Listings become vehicles, and vehicles with gaps complete, from their pages, on this machine.

  ${TASK} demo [--keep] [--json] [--corpus DIR | --fill [--quick] | --trouble]

Starts a Supabase of its own, and websites that offer cars and misbehave now and then; inserts
vehicles with gaps; discovers and imports listings; runs micro-scrape-bandaid until nothing is left
to do; checks every value in the database against what the pages state.

  --keep        leave everything running, with lines to try and the dashboard; Ctrl-C ends it
  --corpus DIR  serve the real pages of DIR instead (MANIFEST.tsv, truth.jsonl), and end with the
                accuracy field by field
  --fill        a day of the database that fills itself: twelve cycles of two hours with a target of
                2,000 vehicles, forty sites with 60,000 listings, a clock that is moved on; about
                five minutes on two quiet cores
  --quick       with --fill: two cycles with a target of 500, in a minute
  --trouble     a database with something wrong in every corner, to be found from the dashboard alone:
                with --keep
  --json        one JSON object instead of text
  -h, --help    this text

Exit code 0 when all is as it must be, 1 when not, 2 for a mistake in the options, 130 when it was
interrupted before its end.
`;

/** Reads the command line. Throws TypeError on an option that does not exist, and on two that do not go together. */
export function readOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      keep: { type: "boolean", default: false },
      corpus: { type: "string" },
      fill: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      trouble: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.quick && !values.fill) throw new TypeError("--quick is for --fill");
  if (values.fill && values.corpus !== undefined) {
    throw new TypeError("--fill has sites of its own: it goes without --corpus");
  }
  if (values.trouble && (values.fill || values.corpus !== undefined)) {
    throw new TypeError("--trouble has a world of its own: it goes without --fill and --corpus");
  }
  return { ...values, corpus: values.corpus ?? null };
}
