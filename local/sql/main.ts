/** `deno task sql`: a client for the database, since a machine with nothing but Node has none. */
import { join } from "node:path";
import process from "node:process";
import { commandLine, TASK, usageError } from "../command_line.ts";
import { projectRoot } from "../paths.ts";
import { splitStatements } from "../postgres/statements.ts";
import { readState } from "../state.ts";
import { describeQuery } from "./describe.ts";
import { failureText } from "./failure.ts";
import { prompt } from "./prompt.ts";
import { fitted, type Format, render, type Result, tableWidth } from "./result.ts";
import { openSession, type Session } from "./session.ts";

const usage = `Runs SQL on the local stack, or on another database.

usage: ${TASK} sql [-c SQL]… [-f FILE]… [--csv | --json | --expanded] [--db-url URL] [--dir DIR]

Without -c and -f it asks on a terminal, and otherwise reads what is piped into it.

  -c, --command SQL   runs this; several, one after another
  -f, --file FILE     runs a file, after what -c says; - is the standard input
  --csv               prints rows as CSV, with a line of names
  --json              prints rows as a list of JSON objects
  --expanded          prints a column a line; on a terminal by itself when a table is too wide
  --db-url URL        another database: postgresql://user:password@host:port/database
  --dir DIR           of the stack whose database is meant (.stack)

At the prompt a statement ends with a semicolon; \\? says what else there is. The first statement that
fails ends it, but for the prompt. Nothing is undone unless the statements say begin and commit.

Exit code 0 when all went well; 1 when a statement failed, or there is no database; 2 for a mistake in
the options.`;

const help = `  \\d          tables and views, with what they are for
  \\d NAME     the columns of one
  \\x          a column a line, or as it fits
  \\q          the end; Ctrl-D too
  Ctrl-C      leaves what was typed, or stops what runs`;

const { values } = commandLine(usage, {
  options: {
    command: { type: "string", short: "c", multiple: true },
    file: { type: "string", short: "f", multiple: true },
    csv: { type: "boolean" },
    json: { type: "boolean" },
    expanded: { type: "boolean", short: "x" },
    "db-url": { type: "string" },
    dir: { type: "string" },
  },
});
if ([values.csv, values.json, values.expanded].filter(Boolean).length > 1) {
  usageError("--csv, --json and --expanded exclude each other", usage);
}
let expanded = values.expanded === true;
const onTerminal = Deno.stdout.isTerminal();

function formatOf(result: Result): Format {
  if (values.csv) return "csv";
  if (values.json) return "json";
  if (expanded) return "records";
  return onTerminal && tableWidth(result) > Deno.consoleSize().columns ? "records" : "table";
}

async function databaseUrl(): Promise<string> {
  if (values["db-url"] !== undefined) return values["db-url"];
  const state = await readState(values.dir ?? join(projectRoot, ".stack"));
  const url = state?.values.DB_URL;
  if (url !== undefined) return url;
  throw new Error(
    `The local stack is not running; start it with: ${TASK} start\n` +
      "Another database: --db-url postgresql://…",
  );
}

let printed = false;

function print(result: Result): void {
  const format = formatOf(result);
  const text = render(result, format);
  if (text === "") return;
  // CSV and JSON are for programs.
  if (printed && (format === "table" || format === "records")) console.log("");
  console.log(text);
  printed = true;
}

/** Runs statements until one fails. @returns whether none did. */
async function run(session: Session, text: string, file: string | null): Promise<boolean> {
  for (const statement of splitStatements(text)) {
    try {
      print(await session.run(statement.text));
    } catch (error) {
      console.error(failureText(error, { ...statement, file }));
      return false;
    }
  }
  return true;
}

/** `\\d` and `\\d NAME`. */
async function describe(session: Session, name: string | undefined): Promise<void> {
  const text = describeQuery(name);
  try {
    const result = await session.run(text);
    print(onTerminal ? fitted(result, Deno.consoleSize().columns) : result);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

/** A line at the prompt that begins with a backslash. */
async function command(session: Session, line: string): Promise<"go on" | "quit"> {
  const [name, argument] = line.trim().replace(/;$/, "").split(/\s+/);
  if (name === "\\q") return "quit";
  if (name === "\\d") await describe(session, argument);
  else if (name === "\\x") {
    expanded = !expanded;
    console.log(expanded ? "A column a line." : "As it fits.");
  } else console.log(name === "\\?" ? help : `There is no ${name}.\n${help}`);
  return "go on";
}

async function main(): Promise<boolean> {
  const session = await openSession(await databaseUrl(), {
    notice: (text) => console.error(text),
    lost(error) {
      console.error(`The connection was lost: ${error.message}`);
      Deno.exit(1);
    },
  });
  const files = values.file ?? [];
  const asks = values.command === undefined && files.length === 0;
  try {
    if (asks && Deno.stdin.isTerminal()) {
      console.log("SQL, up to a semicolon. \\? says what else there is.");
      await prompt({
        input: process.stdin,
        output: process.stdout,
        terminal: true,
        cancel: () => void session.cancel(),
        async run(text) {
          if (text.startsWith("\\")) return await command(session, text);
          await run(session, text, null);
          return "go on";
        },
      });
      return true;
    }
    for (const text of values.command ?? []) if (!await run(session, text, null)) return false;
    for (const file of asks ? ["-"] : files) {
      const text = file === "-"
        ? await new Response(Deno.stdin.readable).text()
        : await Deno.readTextFile(file);
      if (!await run(session, text, file === "-" ? null : file)) return false;
    }
    return true;
  } finally {
    await session.end();
  }
}

try {
  Deno.exitCode = await main() ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message || String(error) : error);
  Deno.exitCode = 1;
}
