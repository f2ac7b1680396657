#!/usr/bin/env node
/** Everything that the database holds, as CSV and JSON lines. */
"use strict";

const process = require("node:process");
const { setTimeout: wait } = require("node:timers/promises");
const { openFolder } = require("./export/folder.js");
const { pagesOf } = require("./export/pages.js");
const keys = require("./export/tables.json");
const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { count } = require("./lib/text.js");

const help = `
node scripts/export.js DIR [--tables NAMES] [--fresh] [--json]

Writes every table as DIR/TABLE.csv and DIR/TABLE.jsonl (a JSON object a line), 1,000 rows at a time.
When it was stopped, the same command goes on where it was; when it is complete, it does nothing.

  --tables NAMES   only these, with commas between them: vehicles,auction_events
  --fresh          begins anew, whatever DIR holds of an export
  --json           prints what was written as JSON

Each table is read in the order of its key, not all at one moment: what is written meanwhile may or may not
be in it. Images and pages stay in Storage; storage_path names them.

Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
Exit code 0 when it is complete, 1 when not, 2 for a mistake in the options, 130 when it was stopped by Ctrl-C.
`;

function wantedTables(names) {
  if (names === undefined) return Object.keys(keys);
  const wanted = [...new Set(names.split(",").map((name) => name.trim()).filter(Boolean))];
  const unknown = wanted.filter((name) => !Object.hasOwn(keys, name));
  if (unknown.length > 0) throw new UsageError(`no such table: ${unknown.join(", ")}`);
  if (wanted.length === 0) throw new UsageError("--tables names no table");
  return wanted;
}

/** A line that is written over on a terminal; elsewhere only its last state is printed. */
function showProgress(text, isLast) {
  const terminal = process.stderr.isTTY;
  if (terminal) process.stderr.write(`\r\x1b[K${text}${isLast ? "\n" : ""}`);
  else if (isLast) process.stderr.write(`${text}\n`);
}

async function exportTable(project, folder, table, label) {
  const file = folder.open(table);
  const { progress } = file;
  const said = (isLast) =>
    showProgress(`${label} ${table}: ${count(progress.rows, "row")}`, isLast);
  try {
    said(false);
    for await (const rows of pagesOf(project, table, keys[table], progress.last, wait)) {
      const last = rows.at(-1);
      file.add(rows, Object.fromEntries(keys[table].map((column) => [column, last[column]])));
      said(false);
    }
    progress.complete = true;
    folder.save();
    said(true);
  } catch (error) {
    const why = error.status === 404
      ? "is not in this project: it is of another release than this program"
      : error.message;
    throw new Error(
      `${why.startsWith(table) ? "" : `${table}: `}${why}. The same command goes on from here`,
    );
  } finally {
    file.close();
  }
}

run({
  help,
  names: ["DIR"],
  flags: { tables: "text", fresh: "switch" },
  async main({ DIR: dir }, flags) {
    const tables = wantedTables(flags.tables);
    const project = connect();
    const folder = openFolder(dir, { project: project.url, fresh: flags.fresh === true });
    const { state } = folder;
    process.once("SIGINT", () => {
      console.error("\nstopped; the same command goes on from here");
      process.exit(130);
    });
    const open = tables.filter((table) => !state.tables[table]?.complete);
    for (const [at, table] of open.entries()) {
      await exportTable(project, folder, table, `[${at + 1}/${open.length}]`);
    }
    if (open.length > 0) {
      state.completed_at = new Date().toISOString();
      folder.save();
    }
    const rows = tables.reduce((sum, table) => sum + state.tables[table].rows, 0);
    if (flags.json) console.log(JSON.stringify(state, null, 2));
    else {
      const when = open.length === 0 ? ` since ${state.completed_at}; --fresh begins anew` : "";
      console.log(`✅ ${count(rows, "row")} of ${count(tables.length, "table")} in ${dir}${when}`);
    }
  },
});
