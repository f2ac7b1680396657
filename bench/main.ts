/** `deno task bench`: the figures, each beside a baseline of the same run. */
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { calls } from "./calls.ts";
import { chaos } from "./chaos.ts";
import { cost } from "./cost.ts";
import { crawl } from "./crawl.ts";
import { dashboard } from "./dashboard.ts";
import { database } from "./database.ts";
import { extraction } from "./extraction_figure.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { timesBetter } from "./figure.ts";
import { filling } from "./filling.ts";
import { freshness } from "./freshness.ts";
import { healing } from "./healing.ts";
import { history } from "./history.ts";
import { identity } from "./identity.ts";
import { induction } from "./induce.ts";
import { machine, machineLine } from "./machine.ts";
import { queues } from "./queues.ts";
import { pipeline } from "./pipeline.ts";
import { redesign } from "./redesign.ts";
import { run } from "./run_of_twenty.ts";
import { scale } from "./scale.ts";
import { table } from "./table.ts";
import { throughput } from "./throughput.ts";
import { writing } from "./writing.ts";

const FIGURES: readonly Figure[] = [
  extraction,
  run,
  throughput,
  crawl,
  calls,
  cost,
  healing,
  pipeline,
  writing,
  database,
  scale,
  freshness,
  queues,
  chaos,
  identity,
  history,
  induction,
  redesign,
  dashboard,
  filling,
];

const HELP = `usage: ${TASK} bench [--quick] [--only NAME]… [--seed TEXT] [--json] [--explain]

Prints a table of figures, each beside a baseline that is measured in the same run. The whole takes about
a quarter of an hour on two quiet cores and 4 GB of temporary files; figures of a busy machine say less.

  --quick      smaller sizes: a look, in a minute or two
  --only NAME  only this one; may be given again
  --seed TEXT  another order of kills, and other people (chaos)
  --json       one JSON object on standard output
  --explain    also print the plans of the hot queries
  --help       this

Exit code 0 when all was measured, 1 when something went wrong or is not as it must be, 2 for a mistake in the options, 130 when
it was interrupted.

${FIGURES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}
`;

const { values } = commandLine(HELP, {
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    explain: { type: "boolean", default: false },
  },
});
const unknown = (values.only ?? []).filter((name) => !FIGURES.some((it) => it.name === name));
if (unknown.length > 0) usageError(`no figure is called ${unknown.join(", ")}`, HELP);

// Ctrl-C leaves nothing behind: what was made is removed on the way out.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => Deno.exit(130));
}

const started = performance.now();
const bench: Bench = {
  quick: values.quick,
  explain: values.explain,
  seed: values.seed,
  say: (message) =>
    console.error(`${((performance.now() - started) / 1000).toFixed(0)} s: ${message}`),
};
const here = machine();
bench.say(machineLine(here));

const results: { name: string; rows: Row[] }[] = [];
for (const figure of FIGURES) {
  if (values.only === undefined ? figure.onlyWhenNamed : !values.only.includes(figure.name)) {
    continue;
  }
  bench.say(figure.about);
  results.push({ name: figure.name, rows: await figure.run(bench) });
}

if (values.json) {
  const figures = results.flatMap(({ name, rows }) =>
    rows.map((row) => ({ figure: name, ...row, times_better: timesBetter(row) }))
  );
  console.log(JSON.stringify({ quick: bench.quick, machine: here, figures }, null, 2));
} else {
  console.log(machineLine(here));
  for (const { name, rows } of results) {
    if (rows.length > 0) console.log(`\n${name}\n${table(rows)}`);
  }
}
const wrong = results.flatMap(({ rows }) => rows).filter(({ must, value }) =>
  must !== undefined && value !== must
);
Deno.exit(wrong.length === 0 ? 0 : 1);
