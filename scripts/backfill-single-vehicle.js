#!/usr/bin/env node
/** Shows what its source says of one vehicle now and the database does not hold, and writes it when asked to. */
"use strict";

const process = require("node:process");
const { createInterface } = require("node:readline/promises");
const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { changeLine, count, label, shown } = require("./lib/text.js");

const help = `
node scripts/backfill-single-vehicle.js UUID [--dry-run] [--auto] [--snapshot] [--json]

Reads the listing of one vehicle again and shows what would change. Asks before it writes.

  --dry-run    only show
  --auto       write without asking
  --snapshot   read the last snapshot, do not ask the site
  --json       print one JSON object; writes only with --auto

Exit code 0; 1 when the listing could not be read or the value not be written; 2 for a mistake in the options.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
`;

const SHOWN = [
  "year",
  "make",
  "model",
  "vin",
  "mileage",
  "sale_price",
  "asking_price",
  "color",
  "seller_name",
  "location",
];
const READ = ["ok", "not_modified"];

async function load(project, id) {
  const [vehicle] = await project.rows(
    "vehicles",
    `id=eq.${id}&select=${[...SHOWN, "discovery_url"].join(",")}`,
  );
  if (vehicle === undefined) throw new Error(`no such vehicle: ${id}`);
  if (vehicle.discovery_url === null) throw new Error(`the vehicle has no source URL: ${id}`);
  const [quality] = await project.rows(
    "vehicle_quality_scores",
    `vehicle_id=eq.${id}&select=overall_score,issues`,
  );
  return { vehicle, quality: quality ?? null };
}

function printVehicle({ vehicle, quality }) {
  const title = [vehicle.year, vehicle.make, vehicle.model].filter(Boolean).join(" ");
  console.log(title || "A vehicle of which little is known");
  console.log(vehicle.discovery_url);
  for (const field of SHOWN) {
    if (vehicle[field] !== null) console.log(`  ${label(field)}: ${shown(vehicle[field])}`);
  }
  if (quality) {
    console.log(
      `Quality: ${quality.overall_score}/100${
        quality.issues.length > 0 ? ` (${quality.issues.join(", ")})` : ""
      }`,
    );
  }
  console.log("");
}

/** The one result of a call for one vehicle. */
function onlyResult(answer) {
  const [result] = answer.results;
  if (result !== undefined) return result;
  const [late] = answer.released;
  throw new Error(
    late === undefined
      ? "another run is reading this vehicle now: try again in a minute"
      : late.message,
  );
}

function refuseFailure(result) {
  if (!READ.includes(result.outcome)) {
    throw new Error(`${result.outcome}: ${result.error ?? "no reason given"}`);
  }
}

function printChanges(result) {
  for (const [field, change] of Object.entries(result.changes)) {
    console.log(changeLine(field, change));
  }
  for (const field of result.conflicts) {
    console.log(
      `⚠️ ${
        label(field)
      }: the source says something else; what is held is kept (see extraction_conflicts)`,
    );
  }
  if (Object.keys(result.changes).length === 0) {
    console.log(
      result.conflicts.length > 0
        ? "Nothing to write: what the source says is otherwise held already"
        : "No changes: the source says nothing new",
    );
  }
}

async function agrees() {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await Promise.race([
      terminal.question("Write this? [y/N] "),
      new Promise((resolve) => terminal.once("close", () => resolve(""))),
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

run({
  help,
  names: ["UUID"],
  flags: { "dry-run": "switch", auto: "switch", snapshot: "switch" },
  async main({ UUID: id }, flags) {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
      throw new UsageError(`not a vehicle's id: "${id}"`);
    }
    if (flags["dry-run"] && flags.auto) {
      throw new UsageError("--dry-run and --auto exclude each other");
    }
    const project = connect();
    const before = await load(project, id);
    if (!flags.json) printVehicle(before);

    const body = { vehicle_ids: [id], ...(flags.snapshot ? { use_snapshots: true } : {}) };
    const found = onlyResult(
      await project.invoke("process-backfill-queue", { ...body, dry_run: true }),
    );
    if (!flags.json) {
      refuseFailure(found);
      printChanges(found);
    }
    const write = Object.keys(found.changes).length > 0 && READ.includes(found.outcome) &&
      !flags["dry-run"] && (flags.auto || (!flags.json && await agrees()));
    if (!write) {
      if (flags.json) {
        console.log(JSON.stringify({ written: false, ...before, result: found }, null, 2));
        return READ.includes(found.outcome) ? 0 : 1;
      }
      return 0;
    }

    const done = onlyResult(await project.invoke("process-backfill-queue", body));
    if (flags.json) {
      console.log(JSON.stringify({ written: true, ...before, result: done }, null, 2));
      return READ.includes(done.outcome) ? 0 : 1;
    }
    refuseFailure(done);
    console.log(
      `✅ ${count(done.fields_updated.length, "field")} updated: ${done.fields_updated.join(", ")}`,
    );
    console.log(`Quality: ${done.score_before} → ${done.score_after}`);
    return 0;
  },
});
