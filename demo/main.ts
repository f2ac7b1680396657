import { serveDashboard } from "../dashboard/server/serve.ts";
import { usageError } from "../local/command_line.ts";
import { preferPort } from "../local/ports.ts";
import type { Stack } from "../local/stack.ts";
import { type CorpusResult, runCorpusDemo } from "./corpus_demo.ts";
import { runDemo } from "./demo.ts";
import { startWorld, type World } from "./driver/world.ts";
import { startFillWorld } from "./fill/driver/world.ts";
import { fillKeepText } from "./fill/report/keep.ts";
import { fillResultText } from "./fill/report/result.ts";
import { QUICK, runFillDemo } from "./fill_demo.ts";
import { HELP, readOptions } from "./options.ts";
import { corpusText } from "./report/corpus.ts";
import { dashboardText, keepText } from "./report/keep.ts";
import { resultText, verdictLine } from "./report/result.ts";
import type { DemoResult } from "./report/summary.ts";
import { silent, speaker } from "./report/voice.ts";
import { DEMO_COUNTS } from "./site/hosts.ts";
import { troubleText } from "./trouble/report.ts";
import { makeTrouble, startTroubleWorld } from "./trouble/trouble.ts";

const options = (() => {
  try {
    return readOptions(Deno.args);
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error), HELP);
  }
})();
if (options.help) {
  console.log(HELP);
  Deno.exit(0);
}

const voice = options.json ? silent : speaker(Deno.stdout.isTerminal());
let world: { stack: Stack; stop(): Promise<void> } | null = null;
let stopping: Promise<void> | null = null;
/** What the demo ended with, once it has: an interrupt then ends --keep, and is no failure. */
let ended: boolean | null = null;
const stop = (): Promise<void> => stopping ??= world?.stop() ?? Promise.resolve();
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => reject(new Error("interrupted")));
  }
});
interrupted.catch(() => {}); // thrown where it is raced against the work

async function work(): Promise<boolean> {
  voice.say("A vehicle database that fills itself, on this machine\n");
  const ok = options.fill
    ? await fillDay()
    : options.trouble
    ? await trouble()
    : await listingsBecomeVehicles();
  if (options.keep) await interrupted;
  return ok;
}

async function end(
  ok: boolean,
  text: string,
  keep: () => Promise<string> | string,
): Promise<boolean> {
  voice.say(text);
  voice.say(verdictLine(ok));
  if (options.keep) {
    ended = ok;
    voice.say(await keep());
    voice.say(await dashboard());
  }
  return ok;
}

/** The dashboard ends with this process. */
async function dashboard(): Promise<string> {
  if (world === null) return "";
  const { url, keys } = world.stack;
  const { url: at } = await serveDashboard({
    api: { url, key: keys.publishable },
    secret: keys.secret,
    port: preferPort(54380),
  });
  return dashboardText(at);
}

async function trouble(): Promise<boolean> {
  const it = await startTroubleWorld();
  world = it;
  voice.say(`  stack     up in ${(it.startedInMs / 1000).toFixed(1)} s: ${it.stack.url}`);
  const result = await makeTrouble(it, voice);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  return await end(result.ok, troubleText(result), () => "Left running; Ctrl-C ends it.");
}

async function fillDay(): Promise<boolean> {
  const it = await startFillWorld();
  world = it;
  voice.say(`  stack     up in ${(it.startedInMs / 1000).toFixed(1)} s: ${it.stack.url}`);
  const result = await runFillDemo(it, voice, options.quick ? QUICK : undefined);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  return await end(result.ok, fillResultText(result), () => fillKeepText(it));
}

async function listingsBecomeVehicles(): Promise<boolean> {
  const it: World = await startWorld(
    options.corpus === null ? { counts: DEMO_COUNTS } : { corpus: options.corpus },
  );
  world = it;
  voice.say(`  stack     up in ${(it.startedInMs / 1000).toFixed(1)} s: ${it.stack.url}`);
  const result: DemoResult | CorpusResult = options.corpus === null
    ? await runDemo(it, voice)
    : await runCorpusDemo(it, voice);
  if (options.json) console.log(JSON.stringify(result, null, 2));
  const text = "accuracy" in result ? corpusText(result) : resultText(result);
  return await end(result.ok, text, () => keepText(it));
}

let code = 1;
try {
  code = await Promise.race([work(), interrupted]) ? 0 : 1;
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (message === "interrupted") code = ended === null ? 130 : ended ? 0 : 1;
  else console.error(`\nThe demo could not be finished: ${message}`);
} finally {
  await stop();
}
Deno.exit(code);
