#!/usr/bin/env node
/** How much came in today, from where, how good it is, and what it cost. */
"use strict";

const { run } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { table } = require("./lib/text.js");

const help = `
node scripts/today.js [--json]

Shows, for each site, what came in since midnight (UTC), how good it is, and what it cost: the view
today_by_source, with prices once cost_rates has rows; below it how often the database invoked each
worker, and how often in vain.

  --json  print one JSON object

Exit code 0; 1 when it failed; 2 for a mistake in the options.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
`;

const COLUMNS = {
  source: "site",
  listings_found: "found",
  vehicles_added: "added",
  vehicles_improved: "improved",
  facts_added: "facts",
  facts_unsure: "unsure",
  conflicts: "conflicts",
  quality_of_added: "quality",
  vehicles_complete: "complete",
  vin_percent_of_added: "VIN %",
  images_stored: "images",
  requests: "requests",
  served_percent: "served %",
  refused: "refused",
  errors: "errors",
  mb_fetched: "MB in",
  mb_stored: "MB kept",
  invocations: "invoked",
};
/** Shown once an operator has given rates. */
const PRICE = { price: "price", price_of_a_vehicle: "a vehicle" };

function midnight() {
  return `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
}

/** Rows with a table's headings for their columns. */
function titled(rows, columns) {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(columns).map(([name, title]) => [title, row[name]]))
  );
}

/** Invocations since midnight, by worker. */
function byWorker(hours) {
  const workers = new Map();
  for (const { function_name, invocations, found_work, found_nothing } of hours) {
    const sum = workers.get(function_name) ?? { invocations: 0, found_work: 0, found_nothing: 0 };
    sum.invocations += invocations;
    sum.found_work += found_work;
    sum.found_nothing += found_nothing;
    workers.set(function_name, sum);
  }
  return [...workers].map(([worker, sum]) => ({ worker, ...sum }));
}

run({
  help,
  names: [],
  flags: {},
  async main(_values, flags) {
    const project = connect();
    const sources = await project.rows("today_by_source", "select=*");
    const hours = await project.rows("worker_invocations_by_hour", `hour=gte.${midnight()}`);
    const workers = byWorker(hours);
    if (flags.json) {
      console.log(JSON.stringify({ since: midnight(), sources, workers }, null, 2));
      return 0;
    }
    if (sources.length === 0) console.log("Nothing came in today, and no site was asked.");
    else {
      const priced = sources.some(({ price }) => price !== null);
      console.log(table(titled(sources, priced ? { ...COLUMNS, ...PRICE } : COLUMNS)));
    }
    if (workers.length > 0) {
      const columns = {
        worker: "worker",
        invocations: "invoked",
        found_work: "found work",
        found_nothing: "found nothing",
      };
      console.log(`\n${table(titled(workers, columns))}`);
    }
    return 0;
  },
});
