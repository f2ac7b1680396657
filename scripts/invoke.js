#!/usr/bin/env node
/** Calls an edge function with the key from the environment and prints what it answers. */
"use strict";

const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { count, label, table } = require("./lib/text.js");

const help = `
node scripts/invoke.js FUNCTION [--body JSON] [--json]

Calls an edge function and prints its answer as a table.

  --body JSON   what to send, for example '{"batch_size": 20, "dry_run": true}'
  --json        print the answer as it is

Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
Exit code 0 when the function says that it succeeded, 1 when not, 2 for a mistake in the options.
`;

/** What a backfill came to, as sentences. */
function backfillLines(answer) {
  const verb = answer.dry_run ? "would be processed" : "processed";
  const lines = [`✅ ${count(answer.processed, "vehicle")} ${verb}`];
  const labels = [
    ["added", "added"],
    ["changed", "changed"],
    ["cleared", "taken back"],
    ["not_stated", "not stated by the source"],
    ["already_held", "already held"],
  ];
  for (const [field, counts] of Object.entries(answer.fields ?? {})) {
    for (const [name, words] of labels) {
      if (counts[name] > 0) lines.push(`✅ ${count(counts[name], label(field))} ${words}`);
    }
    if (counts.conflicts > 0) lines.push(`⚠️ ${count(counts.conflicts, label(field))} in conflict`);
  }
  if (answer.failed > 0) lines.push(`❌ ${answer.failed} failed`);
  if (answer.waiting > 0) lines.push(`⏳ ${answer.waiting} will be tried again`);
  return lines;
}

function print(answer) {
  if (answer === null || typeof answer !== "object") return console.log(String(answer));
  const plain = {};
  const lists = {};
  for (const [name, value] of Object.entries(answer)) {
    const rows = Array.isArray(value) &&
      value.every((row) => row !== null && typeof row === "object");
    if (rows && value.length > 0) lists[name] = value;
    else if (!rows) plain[name] = value;
  }
  console.log(table(Object.entries(plain).map(([name, value]) => ({ "": name, value }))));
  for (const [name, rows] of Object.entries(lists)) console.log(`\n${name}\n${table(rows)}`);
}

run({
  help,
  names: ["FUNCTION"],
  flags: { body: "text" },
  async main({ FUNCTION: name }, flags) {
    if (!/^[a-z0-9-]+$/.test(name)) throw new UsageError(`not the name of a function: "${name}"`);
    let body = {};
    if (flags.body !== undefined) {
      try {
        body = JSON.parse(flags.body);
      } catch (error) {
        throw new UsageError(`--body is not JSON: ${error.message}`);
      }
    }
    const answer = await connect().invoke(name, body);
    if (flags.json) console.log(JSON.stringify(answer, null, 2));
    else {
      if (name === "process-backfill-queue" && answer.processed !== undefined) {
        console.log(backfillLines(answer).join("\n") + "\n");
      }
      print(answer);
    }
    return answer?.success === false ? 1 : 0;
  },
});
