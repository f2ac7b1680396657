import { parseArgs } from "node:util";
import { TASK } from "../local/command_line.ts";

interface DemoOptions {
  /** Leave stack and sites up after the result. */
  keep: boolean;
  /** A folder of real pages to serve instead of the generated sites. */
  corpus: string | null;
  /** One JSON object on standard output instead of text; progress is not shown. */
  json: boolean;
  help: boolean;
}

export const HELP =
  `Listings become vehicles, and vehicles with gaps complete, from their pages, on this machine.

  ${TASK} demo [--keep] [--corpus DIR] [--json]

Starts a Supabase of its own, and websites that offer cars and misbehave now and then; inserts
vehicles with gaps; discovers and imports listings; runs micro-scrape-bandaid until nothing is left
to do; checks every value in the database against what the pages state.

  --keep        leave everything running, with lines to try; Ctrl-C ends it
  --corpus DIR  serve the real pages of DIR instead (MANIFEST.tsv, truth.jsonl), and end with the
                accuracy field by field
  --json        one JSON object instead of text
  -h, --help    this text

Exit code 0 when all is as it must be, 1 when not, 2 for a mistake in the options, 130 when it was
interrupted before its end.
`;

/** Reads the command line. Throws TypeError on an option that does not exist. */
export function readOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      keep: { type: "boolean", default: false },
      corpus: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return { ...values, corpus: values.corpus ?? null };
}
