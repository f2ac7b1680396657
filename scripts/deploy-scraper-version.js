#!/usr/bin/env node
/** Registers a new version of a scraper; the database queues every vehicle that it affects. */
"use strict";

const process = require("node:process");
const { setTimeout: sleep } = require("node:timers/promises");
const { run, UsageError } = require("./lib/command.js");
const { connect } = require("./lib/project.js");
const { count } = require("./lib/text.js");

const help = `
node scripts/deploy-scraper-version.js NAME VERSION --fields=a,b [--priority=n] [--no-backfill]
     [--reextract] [--description TEXT] [--dry-run] [--wait] [--timeout SECONDS] [--json]

Registers VERSION (v3.2.1) of the scraper NAME (ksl_scraper) and queues every vehicle of its sources
that lacks one of the fields, or holds it unsurely or in conflict. Until VERSION is deployed they wait.
Registering it again queues again what an older reader ended, and changes nothing else.

  --fields a,b       the fields that the version reads better: vin,mileage
  --priority n       1 (first) to 10 (last); 5 when not given
  --no-backfill      register only, queue nothing
  --reextract        also vehicles that hold a value which an older version read: it read it wrong
  --description TEXT what got better
  --dry-run          say how many vehicles would be queued, and why; change nothing
  --wait             work the queue until it is empty, and show how far it is
  --timeout SECONDS  give up waiting after this long; 600 when not given
  --json             print one JSON object

Exit code 0; 1 when it failed, or --wait gave up; 2 for a mistake in the options.
Environment: SUPABASE_URL, and SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY or SUPABASE_SECRET_KEY.
`;

function readOptions(values, flags) {
  const version = values.VERSION;
  if (!/^v?\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version)) {
    throw new UsageError(
      `not a semantic version: "${version}"; write MAJOR.MINOR.PATCH, for example v3.2.1`,
    );
  }
  const fields = (flags.fields ?? "").split(",").map((field) => field.trim()).filter(Boolean);
  if (fields.length === 0) {
    throw new UsageError("--fields is missing: name what the version reads better");
  }
  const priority = Number(flags.priority ?? 5);
  if (!Number.isInteger(priority) || priority < 1 || priority > 10) {
    throw new UsageError(`--priority must be from 1 (first) to 10 (last), not "${flags.priority}"`);
  }
  const timeout = Number(flags.timeout ?? 600);
  if (!(timeout > 0)) throw new UsageError(`--timeout must be seconds, not "${flags.timeout}"`);
  return {
    timeout,
    version: {
      p_scraper_name: values.NAME,
      p_version: version,
      p_fields_affected: fields,
      p_backfill_priority: priority,
      p_backfill_required: !flags["no-backfill"],
      p_reextract: flags.reextract === true,
      p_description: flags.description ?? null,
    },
  };
}

/** Makes the database know what is deployed now. That it cannot is no reason not to register. */
async function sync(project) {
  try {
    await project.invoke("process-backfill-queue", { sync_only: true });
  } catch (error) {
    if (error.status !== 404) throw error;
    console.error(
      "warning: process-backfill-queue is not deployed: supabase functions deploy process-backfill-queue",
    );
  }
}

/** Counts, portion by portion, what would be queued. */
async function preview(project, version) {
  const total = { affected: 0, scanned: 0, why: {} };
  let from = {};
  for (;;) {
    const portion = await project.rpc("preview_scraper_version", {
      p_scraper_name: version.p_scraper_name,
      p_version: version.p_version,
      p_fields_affected: version.p_fields_affected,
      p_reextract: version.p_reextract,
      ...from,
    });
    total.affected += portion.affected;
    total.scanned += portion.scanned;
    for (const [why, many] of Object.entries(portion.why)) {
      total.why[why] = (total.why[why] ?? 0) + many;
    }
    if (portion.finished) return total;
    from = { p_host: portion.next_host, p_after: portion.next_after };
  }
}

/** Registers, and queues the portions that the registration itself left. */
async function register(project, version, say) {
  let registered = await project.rpc("register_scraper_version", version);
  const isNew = registered.registered;
  let again = registered.queued_again;
  for (let last = again; last > 0;) { // a portion a call
    say(`${count(again, "vehicle")} queued again so far`);
    last = (await project.rpc("register_scraper_version", version)).queued_again;
    again += last;
  }
  while (!registered.finished) {
    say(
      `${count(registered.queued, "vehicle")} of ${
        registered.scanned.toLocaleString("en-US")
      } seen queued so far`,
    );
    const before = registered.scanned;
    registered = await project.rpc("continue_scraper_version", { p_id: registered.id });
    if (registered.scanned === before && !registered.finished) await sleep(1000); // cron is at it
  }
  return { ...registered, registered: isNew, queued_again: again };
}

/** Works the queue until nothing of this version is left to do now. */
async function drain(project, id, seconds, say) {
  const until = Date.now() + seconds * 1000;
  let idle = 0;
  for (;;) {
    const worked = await project.invoke("process-backfill-queue", {});
    const [status] = await project.rows(
      "scraper_version_status",
      `id=eq.${id}&select=queued_count,pending,processing,completed,backfilled_count,failed`,
    );
    const left = status.pending + status.processing;
    say(
      `${status.completed} of ${status.queued_count} done, ${status.backfilled_count} changed, ${status.failed} failed, ${left} left`,
    );
    if (left === 0) return { ...status, waited: "done" };
    idle = worked.processed === 0 && status.processing === 0 ? idle + 1 : 0;
    if (idle >= 3) return { ...status, waited: "the rest waits to be tried again" };
    if (Date.now() > until) return { ...status, waited: "timeout" };
    if (worked.processed === 0) await sleep(1000);
  }
}

run({
  help,
  names: ["NAME", "VERSION"],
  flags: {
    fields: "text",
    priority: "text",
    "no-backfill": "switch",
    reextract: "switch",
    description: "text",
    "dry-run": "switch",
    wait: "switch",
    timeout: "text",
  },
  async main(values, flags) {
    const { version, timeout } = readOptions(values, flags);
    const project = connect();
    const out = (line) => flags.json || console.log(line);
    const progress = (line) => process.stderr.write(`… ${line}\n`);
    await sync(project);

    if (flags["dry-run"]) {
      const found = await preview(project, version);
      if (flags.json) console.log(JSON.stringify({ dry_run: true, ...found }, null, 2));
      out(
        `Would queue ${count(found.affected, "vehicle")} of ${
          found.scanned.toLocaleString("en-US")
        }`,
      );
      for (const [why, many] of Object.entries(found.why).sort()) {
        out(`  ${why.replace(":", " ")}: ${many}`);
      }
      out(`What the new version reads differently: node scripts/replay-scraper.js ${values.NAME}`);
      return 0;
    }

    const registered = await register(project, version, progress);
    if (registered.registered) out("✅ Version registered");
    else if (registered.queued_again === 0) {
      out(`ℹ️ ${values.NAME} ${registered.version} is registered already: nothing changed`);
    } else {
      out(
        `✅ ${values.NAME} ${registered.version} is registered already: ${
          count(registered.queued_again, "vehicle")
        } that an older reader had ended queued again`,
      );
    }
    if (registered.warning) {
      console.error(`warning: ${registered.warning}: npx supabase functions deploy`);
    }
    if (!registered.backfill_required) out("No backfill: no vehicle was queued");
    else if (registered.registered) {
      out(`✅ Auto-queued ${count(registered.queued, "vehicle")} for backfill`);
    }
    if (registered.registered && registered.backfill_required && registered.queued === 0) {
      out(
        `None of the ${registered.scanned.toLocaleString("en-US")} vehicles of its sources lacks ${
          registered.fields_affected.join(", ")
        }`,
      );
    }

    let status = null;
    if (flags.wait && registered.backfill_required && registered.warning) {
      out("⏳ Not waited for: nothing is read until it is deployed");
    } else if (flags.wait && registered.backfill_required) {
      status = await drain(project, registered.id, timeout, progress);
      out(`✅ ${count(status.completed, "vehicle")} processed`);
      out(
        `✅ ${status.backfilled_count} changed, ${
          status.completed - status.backfilled_count
        } had nothing new`,
      );
      if (status.failed > 0) {
        out(`❌ ${status.failed} failed: select * from backfill_queue where status = 'failed'`);
      }
      if (status.waited !== "done") {
        out(`⏳ ${status.pending + status.processing} left: ${status.waited}`);
      }
    } else if (registered.queued > 0) {
      out("Next: node scripts/invoke.js process-backfill-queue");
    }
    if (flags.json) {
      console.log(
        JSON.stringify({ ...registered, ...(status === null ? {} : { status }) }, null, 2),
      );
    }
    return status?.waited === "timeout" ? 1 : 0;
  },
});
