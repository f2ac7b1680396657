/** `deno task start` and `deno task status`. */
import { commandLine, TASK, usageError } from "./command_line.ts";
import { start, UsageError } from "./start.ts";
import { status } from "./status.ts";

const usage = `A whole Supabase on this machine, without Docker.

usage: ${TASK} start [--reset] [--allow-drop] [--port N] [--db-port N] [--dir DIR] [--quiet]
       ${TASK} status [--json] [--dir DIR]

start    Runs Postgres, REST, Auth, Storage, the edge functions and cron until Ctrl-C. What it holds is kept,
         and upgraded to the migrations of this checkout.
  --reset      begins with an empty database and an empty storage
  --allow-drop upgrades also what cannot be upgraded without losing data
  --port N     of the API, 54321 unless taken
  --db-port N  of Postgres, 54322 unless taken
  --db-only    only the database, forgotten at the end
  --quiet      does not show what the functions print
status   Prints the addresses and keys of the running stack as NAME=value lines.
  --json       as one JSON object

--dir DIR is where the stack keeps its data (.stack). Started by root, Postgres runs as nobody, and the database lies
in /var/lib/local-supabase, to which DIR/db is a link.
The functions also see what supabase/functions/.env says.

Exit code 0 when it was stopped, or runs; 1 when it could not be started, or does not run; 2 for a mistake
in the options.`;

try {
  const { values, positionals } = commandLine(usage, {
    allowPositionals: true,
    options: {
      reset: { type: "boolean" },
      "allow-drop": { type: "boolean" },
      json: { type: "boolean" },
      quiet: { type: "boolean" },
      "db-only": { type: "boolean" },
      port: { type: "string" },
      "db-port": { type: "string" },
      dir: { type: "string" },
    },
  });
  const [command = "start"] = positionals;
  if (command === "start") await start(values);
  else if (command === "status") Deno.exitCode = await status(values);
  else usageError(`There is no command "${command}".`, usage);
} catch (error) {
  if (error instanceof UsageError) usageError(error.message, usage);
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
