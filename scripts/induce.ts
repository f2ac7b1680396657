/** `deno task induce`: learns where pages show known facts, and reads the same of other pages. */
import { parseArgs } from "node:util";
import { TASK } from "../local/command_line.ts";
import { apply } from "../supabase/functions/_shared/learning/apply.ts";
import { induce } from "../supabase/functions/_shared/learning/induce.ts";
import type { ExtractionMap } from "../supabase/functions/_shared/learning/rule.ts";
import { FIELD_TYPES } from "../supabase/functions/_shared/learning/values/type.ts";
import { readFacts, readTypes, UsageError } from "./induce/facts.ts";
import { pagesIn, readPage } from "./induce/pages.ts";
import { mapAsTable } from "./induce/table.ts";

const HELP =
  `Learns from saved pages whose facts are known where their site shows them (wrapper induction), and reads other pages so.

Usage: ${TASK} induce PAGES_DIR FACTS.jsonl [--apply DIR] [--type FIELD=TYPE]… [--json]

  PAGES_DIR          saved pages of one site, its templates mixed as they come
  FACTS.jsonl        a line a page: {"file": NAME, "facts": {FIELD: value or null}}; null: the page lacks it
  --apply DIR        reads the pages of DIR: a line each, {"file", "facts": {FIELD: {value, confidence, rule}}};
                     the table goes to standard error, and with --json nowhere
  --type FIELD=TYPE  ${FIELD_TYPES.join(", ")}; may be given again. A type that is not given
                     is guessed from the values
  --json             the map as one JSON object instead of the table
  --help             this text

Exit status: 0 done, also when nothing could be learned, which the table says
             1 internal error · 2 bad usage or unreadable file
`;

interface Options {
  pages: string;
  facts: string;
  apply: string | undefined;
  types: string[];
  json: boolean;
}

function readOptions(args: string[]): Options | "help" {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        apply: { type: "string" },
        type: { type: "string", multiple: true },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals: [pages, facts, ...more] } = parsed;
  if (values.help) return "help";
  if (pages === undefined) throw new UsageError("no PAGES_DIR given");
  if (facts === undefined) throw new UsageError("no FACTS.jsonl given");
  if (more.length > 0) throw new UsageError(`not also ${more[0]}`);
  return { pages, facts, apply: values.apply, types: values.type ?? [], json: values.json };
}

async function learn(options: Options): Promise<ExtractionMap> {
  const text = await Deno.readTextFile(options.facts).catch((error) => {
    throw new UsageError(`cannot read ${options.facts}: ${error.message}`);
  });
  const lines = readFacts(text, options.facts);
  if (lines.length === 0) throw new UsageError(`${options.facts} names no page`);
  const fields = new Set(lines.flatMap(({ facts }) => Object.keys(facts)));
  const types = readTypes(options.types, fields);
  const pages: string[] = [];
  for (const { file } of lines) pages.push(await readPage(options.pages, file));
  return induce(pages, lines.map(({ facts }) => facts), types);
}

async function applyTo(directory: string, map: ExtractionMap): Promise<void> {
  for (const file of await pagesIn(directory)) {
    const facts = apply(map, await readPage(directory, file));
    console.log(JSON.stringify({ file, facts }));
  }
}

/** Runs the tool on its arguments and gives the exit status. */
async function main(args: string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === "help") {
      console.log(HELP);
      return 0;
    }
    const map = await learn(options);
    if (options.apply === undefined) {
      console.log(options.json ? JSON.stringify(map, null, 2) : mapAsTable(map));
    } else {
      if (!options.json) console.error(mapAsTable(map));
      await applyTo(options.apply, map);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`induce: ${error.message} (--help tells more)`);
    return 2;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
