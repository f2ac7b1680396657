import { parseArgs } from "node:util";
import { TASK } from "../local/command_line.ts";
import type { ExtractionOutcome } from "../supabase/functions/_shared/domain/extraction.ts";
import type { Page } from "../supabase/functions/_shared/domain/page.ts";
import { decodeText, mediaType } from "../supabase/functions/_shared/fetching/client/charset.ts";
import type { IndexReading } from "../supabase/functions/_shared/extraction/index/reading.ts";
import { readIndex } from "../supabase/functions/_shared/sources/read_index.ts";
import { extract, sourceOf } from "../supabase/functions/_shared/sources/registry.ts";
import { asJson, indexAsJson } from "./extract/json.ts";
import { listingOf } from "./extract/listing.ts";
import { asTable, indexAsTable } from "./extract/table.ts";

const HELP =
  `Shows what a source's adapter reads from a saved page, and why: the vehicle, and how its listing stands.

Usage: ${TASK} extract FILE --url URL [--index] [--json]

  FILE            a saved page; - reads standard input
  --url URL       the address that the page was saved from: it chooses the adapter
  --index         the page is a list: its listings, and what it names that is none
  --json          one JSON object instead of the table
  --status N      the HTTP status the page came with (200)
  --content-type  the Content-Type it came with ("text/html")
  --help          this text

Exit status: 0 a listing, or with --index a list · 1 internal error · 2 bad usage or unreadable file
             3 blocked by a bot wall · 4 not a listing, or no list · 5 a page that cannot be read
`;

const EXIT: Readonly<Record<ExtractionOutcome, number>> = {
  listing: 0,
  blocked: 3,
  not_a_listing: 4,
  unreadable: 5,
};
const INDEX_EXIT: Readonly<Record<IndexReading["outcome"], number>> = {
  index: 0,
  blocked: 3,
  not_an_index: 4,
  unreadable: 5,
};
/** What fetching takes of a page, too; the rest of a larger file is not read. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Bad input: said in one line, without a stack. */
class UsageError extends Error {}

interface Options {
  file: string;
  url: string;
  status: number;
  contentType: string;
  index: boolean;
  json: boolean;
}

function readOptions(args: string[]): Options | "help" {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: "string" },
        index: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        status: { type: "string", default: "200" },
        "content-type": { type: "string", default: "text/html" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return "help";
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError("no FILE given");
  if (more.length > 0) throw new UsageError(`one FILE at a time, not also ${more[0]}`);
  if (values.url === undefined) throw new UsageError("no --url given: it chooses the adapter");
  if (!URL.canParse(values.url) || !/^https?:/i.test(values.url)) {
    throw new UsageError(`--url is no http(s) address: ${values.url}`);
  }
  const status = Number(values.status);
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new UsageError(`--status is no HTTP status: ${values.status}`);
  }
  const { url, index, json } = values;
  return { file, url, status, contentType: values["content-type"], index, json };
}

async function readPage(options: Options): Promise<Page> {
  const bytes = await readBytes(options.file);
  return {
    url: options.url,
    status: options.status,
    contentType: mediaType(options.contentType),
    body: decodeText(bytes, options.contentType),
    fetchedAt: new Date().toISOString(),
  };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const stream = file === "-" ? Deno.stdin.readable : (await Deno.open(file)).readable;
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of stream) {
      parts.push(part);
      length += part.length;
      if (length >= MOST_BYTES) break;
    }
    return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()).subarray(
      0,
      MOST_BYTES,
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`no such file: ${file}`);
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
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
    const page = await readPage(options);
    const colors = Deno.stdout.isTerminal() && Deno.env.get("NO_COLOR") === undefined;
    if (options.index) {
      const reading = readIndex(page);
      const source = sourceOf(page.url);
      console.log(
        options.json ? indexAsJson(reading, source) : indexAsTable(reading, source, colors),
      );
      return INDEX_EXIT[reading.outcome];
    }
    const extraction = extract(page);
    const listing = listingOf(extraction, page.url);
    console.log(
      options.json ? asJson(extraction, listing) : asTable(extraction, listing, colors),
    );
    return EXIT[extraction.outcome];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`extract: ${error.message} (--help tells more)`);
    return 2;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
