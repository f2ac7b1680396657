#!/usr/bin/env node
/** What a day or a cycle of database-fill-agent came to. */
"use strict";

const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { count, table } = require("./lib/text.js");

const help = `
node scripts/fill-report.js [--date YYYY-MM-DD | --cycle ID] [--json]

Shows what a day came to, cycle by cycle; without --date today's (UTC). With --cycle what one cycle came
to: the report, the fields and sources that are not well, and what the agent decided.

  --date   a day, UTC
  --cycle  the id of a cycle; latest is the newest one
  --json   print the report alone, as one JSON object: that of fill_daily_report() or fill_cycle_report()

Exit code 0; 1 when it failed; 2 for a mistake in the options; 3 when the report says that the target was
missed.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
`;

const BELOW_TARGET = 3;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day, as it was typed; throws for what is none, 2026-02-30 included. */
function checkedDay(text) {
  const time = Date.parse(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(time).toISOString().startsWith(text);
  if (!isDay) throw new UsageError(`--date is a day such as 2026-11-28, not "${text}"`);
  return text;
}

/** A number for people; what was not measured is said to be so. */
function shown(value, one) {
  if (value === null || value === undefined) return `${one}s not measured`;
  return count(value, one);
}

/** "18:00" of a time; empty for none. */
function clock(time) {
  return time ? new Date(time).toISOString().slice(11, 16) : "";
}

async function cyclesOf(project, day) {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString();
  const rows = await project.rows(
    "fill_cycles",
    `slot=gte.${day}T00:00:00Z&slot=lt.${next}&order=slot&select=*`,
  );
  return rows.map((cycle) => ({
    slot: clock(cycle.slot),
    cycle: cycle.cycle_id,
    status: cycle.status,
    added: cycle.vehicles_added,
    target: cycle.target,
    queued: cycle.vehicles_queued,
    quality: cycle.data_quality_score?.toFixed(2),
    "on target": cycle.on_target === null ? null : cycle.on_target ? "yes" : "no",
    why: cycle.verdict,
  }));
}

async function showDay(project, report) {
  const day = report.date;
  const cycles = await cyclesOf(project, day);
  if (cycles.length === 0) {
    console.log(`${day}: no cycle was run.`);
    return;
  }
  const found = report.sources_discovered === null ? "" : `, ${report.sources_discovered} new`;
  console.log([
    `${day}: ${report.status ?? "no cycle has ended yet"}`,
    `  ${shown(report.vehicles_added, "vehicle")} added, ${
      shown(report.vehicles_queued, "listing")
    } queued`,
    `  ${count(report.cycles_completed, "cycle")} completed, ${report.cycles_on_target} on target`,
    `  quality ${report.avg_quality ?? "not measured"}`,
    `  ${shown(report.sources_active, "source")} active${found}`,
  ].join("\n"));
  console.log(`\n${table(cycles)}`);
}

async function showCycle(project, report) {
  const of = `cycle_id=eq.${encodeURIComponent(report.cycle_id)}`;
  const [cycle] = await project.rows("fill_cycles", `${of}&select=*`);
  const fields = await project.rows("quality_metrics", `${of}&order=completeness&select=*`);
  const sources = await project.rows(
    "source_health",
    `${of}&status=in.(degraded,failing)&select=status,why,scrape_sources(slug)&order=status.desc`,
  );
  const decisions = await project.rows("fill_decisions", `${of}&order=id&select=*`);

  const width = Math.max(...Object.keys(report).map((key) => key.length));
  for (const [key, value] of Object.entries(report)) {
    console.log(`${key.padEnd(width)}  ${value ?? "not measured"}`);
  }
  if (cycle.verdict) console.log(`${"verdict".padEnd(width)}  ${cycle.verdict}`);
  for (const action of cycle.next_actions) console.log(`${"next".padEnd(width)}  ${action}`);
  for (const error of cycle.errors) console.log(`${"error".padEnd(width)}  ${error}`);

  const parts = [
    fields.map((field) => ({
      field: field.field_name,
      complete: field.completeness?.toFixed(2),
      of: field.sample_size,
      right: field.accuracy?.toFixed(2),
      audits: field.accuracy_sample_size,
      issues: field.issues.join("; "),
    })),
    sources.map(({ scrape_sources: source, status, why }) => ({
      source: source.slug,
      status,
      why,
    })),
    decisions.map(({ lever, subject, from_value, to_value, reason }) => ({
      lever,
      of: subject,
      from: from_value,
      to: to_value,
      because: reason,
    })),
  ];
  for (const rows of parts) if (rows.length > 0) console.log(`\n${table(rows)}`);
}

/** The id of a cycle, "latest" resolved. */
async function cycleId(project, given) {
  if (given !== "latest") return given;
  const [newest] = await project.rows("fill_cycles", "order=slot.desc&limit=1&select=cycle_id");
  if (newest === undefined) throw new Error("no cycle was run yet");
  return newest.cycle_id;
}

run({
  help,
  names: [],
  flags: { date: "text", cycle: "text" },
  async main(_values, flags) {
    if (flags.date !== undefined && flags.cycle !== undefined) {
      throw new UsageError("--date and --cycle exclude each other");
    }
    const day = flags.date === undefined ? null : checkedDay(flags.date);
    const project = connect();
    const ofCycle = flags.cycle !== undefined;
    const report = ofCycle
      ? await project.rpc("fill_cycle_report", {
        p_cycle_id: await cycleId(project, flags.cycle),
      })
      : await project.rpc("fill_daily_report", { p_date: day });
    if (flags.json) console.log(JSON.stringify(report, null, 2));
    else if (ofCycle) await showCycle(project, report);
    else await showDay(project, report);
    const missed = report.on_target === false || report.status === "BELOW_TARGET";
    return missed ? BELOW_TARGET : 0;
  },
});
