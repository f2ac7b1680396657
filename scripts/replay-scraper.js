#!/usr/bin/env node
/** Says, before anything is queued, what the deployed version of a scraper reads differently from snapshots. */
"use strict";

const process = require("node:process");
const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { changeLine, count, table } = require("./lib/text.js");

const help = `
node scripts/replay-scraper.js NAME [--limit N] [--threshold PERCENT] [--json]

Reads the snapshots of the vehicles of a scraper (ksl_scraper) with the deployed code, asks no site
and writes nothing. Shows for each field how many values are gained, lost and changed.

  --limit N           look at so many vehicles; all when not given
  --threshold PERCENT warn when more than this share of a field's values is lost; 2 when not given
  --json              print one JSON object

Exit code 0; 1 when it failed, or more values are lost than the threshold allows; 2 for a mistake in the
options.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
`;

function add(sums, fields) {
  for (const [field, counts] of Object.entries(fields)) {
    const sum = sums[field] ??= { held: 0, same: 0, gained: 0, changed: 0, lost: 0 };
    for (const [name, many] of Object.entries(counts)) sum[name] += many;
  }
}

async function replayAll(project, scraper, limit, say) {
  const total = { scraper, version: "", vehicles: 0, replayed: 0, fields: {}, examples: [] };
  let after = null;
  do {
    const part = await project.invoke("replay-snapshots", {
      scraper,
      after,
      batch_size: Math.min(50, limit - total.vehicles),
    });
    total.version = part.version;
    total.vehicles += part.vehicles;
    total.replayed += part.replayed;
    add(total.fields, part.fields);
    total.examples.push(...part.examples);
    after = part.next;
    say(`${total.vehicles} vehicles`);
  } while (after !== null && total.vehicles < limit);
  return total;
}

run({
  help,
  names: ["NAME"],
  flags: { limit: "text", threshold: "text" },
  async main({ NAME: scraper }, flags) {
    const limit = flags.limit === undefined ? Infinity : Number(flags.limit);
    if (!(limit >= 1)) {
      throw new UsageError(`--limit must be a number from 1, not "${flags.limit}"`);
    }
    const threshold = Number(flags.threshold ?? 2);
    if (!(threshold >= 0 && threshold <= 100)) {
      throw new UsageError(`--threshold must be a percentage, not "${flags.threshold}"`);
    }
    const total = await replayAll(
      connect(),
      scraper,
      limit,
      (line) => process.stderr.write(`… ${line}\n`),
    );
    const losses = Object.entries(total.fields)
      .filter(([, { held, lost }]) => lost > 0 && lost > held * threshold / 100)
      .map(([field, { held, lost }]) => ({
        field,
        held,
        lost,
        percent: Math.round(1000 * lost / held) / 10,
      }));
    if (flags.json) {
      console.log(JSON.stringify({ ...total, losses }, null, 2));
      return losses.length > 0 ? 1 : 0;
    }
    console.log(
      `${scraper} ${total.version}: ${count(total.replayed, "snapshot")} of ${
        count(total.vehicles, "vehicle")
      } read again; nothing was written\n`,
    );
    const rows = Object.entries(total.fields)
      .filter(([, it]) => it.gained + it.changed + it.lost > 0)
      .map(([field, it]) => ({
        field,
        gained: it.gained,
        lost: it.lost,
        changed: it.changed,
        same: it.same,
      }));
    console.log(rows.length > 0 ? table(rows) : "No field is read differently");
    const seen = new Set();
    for (const { vehicle_id, field, kind, held, read } of total.examples) {
      if (seen.has(field + kind)) continue;
      seen.add(field + kind);
      console.log(`${changeLine(field, { old: held, new: read })}   ${vehicle_id}`);
    }
    for (const { field, held, lost, percent } of losses) {
      console.log(
        `\n🚨 LOSES ${percent} % OF ${field.toUpperCase()}: ${lost} of ${held} values are no longer read. Look at this before you register the version.`,
      );
    }
    return losses.length > 0 ? 1 : 0;
  },
});
