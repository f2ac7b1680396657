/** `deno task worker`: the workers of a project, outside the edge runtime. */
import { connect } from "../supabase/functions/_shared/database/client.ts";
import { OUTSIDE_WORKER_HEADER } from "../supabase/functions/_shared/database/outside_workers.ts";
import type { Environment } from "../supabase/functions/_shared/edge/environment.ts";
import { explain, log, setLogFormat, setLogLevel } from "../supabase/functions/_shared/edge/log.ts";
import { Connection } from "./connection.ts";
import { serveHealth } from "./health.ts";
import { readOptions, refuseUsage, type WorkerOptions } from "./options.ts";
import { readProject } from "./project.ts";
import { Runner } from "./runner.ts";
import { type Say, speaker } from "./say.ts";
import { lineOf, ratesOf, Tally } from "./tally.ts";

/** What was asked for from a site before the end was told may take so long; then it is handed back. */
const FINISH_MS = 20_000;
/** And then it ends, whatever is left: a container is killed after 30 seconds. */
const LONGEST_END_MS = 25_000;
const MINUTE_MS = 60_000;

const options = readOptions();
setLogFormat(options.json ? "json" : "text");
setLogLevel(Deno.env.get("LOG_LEVEL") || "warn");
Deno.exit(await main(options, projectOfThis(), speaker(options.json)));

function projectOfThis(): Environment {
  try {
    return readProject((name) => Deno.env.get(name));
  } catch (error) {
    refuseUsage(explain(error));
  }
}

/** Works until it is stopped; gives the exit code. */
async function main(options: WorkerOptions, env: Environment, say: Say): Promise<number> {
  const startedAt = Date.now();
  const me = {
    id: crypto.randomUUID(),
    name: Deno.hostname(),
    functions: options.queues.map((one) => one.function),
    places: options.concurrency,
  };
  const database = connect(env.supabaseUrl, env.serviceKey, { [OUTSIDE_WORKER_HEADER]: me.id });
  const names = options.queues.map(({ queue }) => queue);
  const tally = new Tally(names);
  const [soon, now] = [new AbortController(), new AbortController()];
  const stop = { soon: soon.signal, now: now.signal };
  const connection = new Connection(database, env.supabaseUrl, me, say);
  const runner = new Runner(
    options.queues,
    { places: options.concurrency, batch: options.batch, once: options.once },
    connection,
    { project: { database, env }, stop, tally },
    say,
  );
  const cutOff = onSignals(soon, say);

  say(`${env.supabaseUrl}: ${names.join(", ")}; ${options.concurrency} runs at once`, me);
  if (options.port !== undefined) {
    const watched = { name: me.name, startedAt, stop: soon.signal, connection, runner, tally };
    const port = serveHealth(options.port, watched);
    if (port === null) {
      log("error", `port ${options.port} is taken: name another one with --port`);
      return 1;
    }
    say(`http://localhost:${port}/healthz says how it is`, { port });
  }
  let saidAt = Date.now();
  const sayCounts = () => {
    const seconds = (Date.now() - saidAt) / 1000;
    saidAt = Date.now();
    const counts = tally.take();
    say(lineOf(counts, seconds), { queues: ratesOf(counts, seconds) });
  };
  const everyMinute = setInterval(sayCounts, MINUTE_MS);

  let refused: unknown = null;
  try {
    await runner.run();
  } catch (error) {
    refused = error;
    soon.abort();
  }
  const givingUp = setTimeout(() => now.abort(), FINISH_MS);
  const isDone = await Promise.race([
    Promise.all([runner.settled(), connection.release()]).then(() => true),
    cutOff.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), LONGEST_END_MS)),
  ]);
  clearTimeout(givingUp);
  clearInterval(everyMinute);
  sayCounts();
  if (refused !== null) {
    log("error", explain(refused));
    return 1;
  }
  if (isDone) {
    say("ended", { queues: tally.all });
    return options.once && runner.broke ? 1 : 0;
  }
  const held = runner.queues.flatMap(({ runs }) => [...runs])
    .reduce((sum, run) => sum + run.held, 0);
  log("warn", `ended with ${held} rows under way: their leases run out, and others work on them`);
  return 1;
}

/** The first signal ends it in order, the second at once: then this resolves. */
function onSignals(soon: AbortController, say: Say): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      if (soon.signal.aborted) return resolve();
      say(`${signal}: nothing more is begun; what is under way has ${LONGEST_END_MS / 1000} s`);
      soon.abort();
    });
  }
  return promise;
}
