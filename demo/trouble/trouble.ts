/** `task demo --trouble`: a database with something wrong in every corner, to be found from the dashboard alone. */
import { createClient } from "@supabase/supabase-js";
import { localOperator } from "../../dashboard/server/local_operator.ts";
import { callFunction } from "../driver/call.ts";
import { allowFullSpeed } from "../driver/insert.ts";
import { startWorld, type World } from "../driver/world.ts";
import type { Voice } from "../report/voice.ts";
import { HOSTS } from "../site/hosts.ts";
import { asked, type Question, wrongAnswers } from "./questions.ts";

const COUNTS = {
  "bringatrailer.com": 70,
  "classics.example": 24,
  "autos.example": 16,
  "cars.ksl.com": 30,
  "walled.example": 5,
};
const WALLED_HOST = "walled.example";
const DOWN_HOST = "bringatrailer.com";
/** Listings that cannot be had while they are imported, and can afterwards: their dead letters can be put back. */
const DOWN = 3;

interface TroubleResult {
  ok: boolean;
  questions: Question[];
  /** What of the dashboard does not answer them. */
  wrong: string[];
  preparedInMs: number;
}

/** Starts stack and sites, with cron. */
export async function startTroubleWorld(): Promise<World> {
  return await startWorld({ counts: COUNTS });
}

/** Makes the trouble, by real listings where it can be, and sees that the dashboard tells of it. */
export async function makeTrouble(world: World, voice: Voice): Promise<TroubleResult> {
  const began = Date.now();
  const { sql, site } = world;
  await allowFullSpeed(sql, HOSTS.map(({ host }) => host));
  const down = Array.from({ length: DOWN }, (_, n) => site.catalogue.at(DOWN_HOST, n)?.url ?? "");
  for (const url of down) site.setFault(url, { kind: "server_error" });
  const walled = [...site.catalogue.all()].filter(({ host }) => host === WALLED_HOST);
  for (const { url } of walled) site.setFault(url, { kind: "bot_wall", vendor: "cloudflare" });
  await callFunction(world.stack, "discover-listings", {});
  const urls = [
    ...site.catalogue.all(),
    ...site.catalogue.followed().flatMap(({ listings }) => listings),
  ].map(({ url }) => url);
  voice.say(
    `  listings  ${urls.length} of ${
      Object.keys(COUNTS).length
    } sites; one is walled, ${DOWN} are down`,
  );
  await importAll(world, urls, voice);
  for (const url of down) site.setFault(url, null);
  voice.say("  history   five weeks of cycles, samples and rates");
  await aWhileAgo(world);
  await measured(world);
  await sql.file(new URL("history.sql", import.meta.url).pathname);
  await everybodyInvoked(world, voice);
  await measured(world);
  const questions = await asked(sql);
  const wrong = wrongAnswers(await dashboardOf(world));
  return { ok: wrong.length === 0, questions, wrong, preparedInMs: Date.now() - began };
}

/** Until nothing is to be done any more: what is down is given up after its three attempts. */
async function importAll({ sql, stack }: World, urls: string[], voice: Voice): Promise<void> {
  await sql`insert into import_queue (listing_url) select unnest(${urls}::text[]) on conflict do nothing`;
  for (let round = 0; round < 60; round++) {
    // Time does not pass here: what waits for its next attempt has it now. A walled site is left alone.
    const [left] = await sql<{ pending: number }[]>`
      with now_due as (
        update import_queue set next_attempt_at = null
        where status = 'pending' and coalesce(outcome_code, '') in ('', 'server_error')
        returning 1
      )
      select count(*)::integer as pending from now_due`;
    voice.progress(`  import    ${left?.pending ?? 0} left`);
    if ((left?.pending ?? 0) === 0) return;
    await callFunction(stack, "process-import-queue", { batch_size: 50 });
  }
}

/** In its first minute cron has not invoked everybody yet: that is no trouble of this world. */
async function everybodyInvoked({ sql }: World, voice: Voice): Promise<void> {
  for (let second = 0; second < 90; second++) {
    const stuck = await sql<
      { part: string }[]
    >`select part from pipeline_status where state = 'stuck'`;
    if (stuck.length === 0) return;
    voice.progress(`  cron      not yet: ${stuck.map(({ part }) => part).join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error("after a minute and a half something is still stuck: see pipeline_status");
}

/** What came in did so some minutes ago: the sampler counts a minute when it has been over for one. */
async function aWhileAgo({ sql }: World): Promise<void> {
  for (const table of ["vehicles", "import_queue", "scraping_health"]) {
    await sql`update ${sql(table)} set created_at = created_at - interval '3 minutes'`; // one statement a table
  }
  // Cron's sampler has counted some of these minutes already, as they were before.
  await sql`delete from dashboard_samples`;
  await sql`update dashboard_parts set counted_to = null`;
}

/** Measures all now; what came in since yesterday is counted an hour a run until nothing is left. */
async function measured({ sql }: World): Promise<void> {
  await sql`update dashboard_parts set next_at = now()`;
  for (let run = 0; run < 100; run++) {
    await sql`select private.sample_dashboard()`;
    const [behind] = await sql`
      select from dashboard_parts
      where part in ('vehicles', 'listings', 'requests') and coalesce(counted_to, '-infinity') < now() - interval '3 minutes'
      limit 1`;
    if (behind === undefined) return;
  }
  throw new Error("the sampler does not catch up: select * from dashboard_parts");
}

/** All panels, as an operator gets them. */
async function dashboardOf({ stack }: World): Promise<unknown> {
  const { email, password } = await localOperator(stack.url, stack.keys.secret);
  const client = createClient(stack.url, stack.keys.publishable, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  const signedIn = await client.auth.signInWithPassword({ email, password });
  if (signedIn.error) throw signedIn.error;
  const { data, error } = await client.rpc("dashboard", {});
  if (error) throw new Error(`the dashboard does not answer: ${error.message}`);
  return data;
}
