import { hostOf } from "../supabase/functions/_shared/domain/host.ts";
import { fillGaps } from "./driver/fill.ts";
import { followListings } from "./driver/follow.ts";
import { type Improvement, improveScraper } from "./driver/improve.ts";
import { allowFullSpeed, insertVehicles } from "./driver/insert.ts";
import { type PipelineRun, runPipeline } from "./driver/pipeline.ts";
import { auctionsEnd } from "./driver/time.ts";
import type { World } from "./driver/world.ts";
import { arrivals } from "./fixtures/arrivals.ts";
import { type Plan, planDemo } from "./fixtures/plan.ts";
import { arrange } from "./fixtures/scenarios.ts";
import { followedIntro, followedText } from "./report/followed.ts";
import { improvementIntro, improvementText } from "./report/improvement.ts";
import { pipelineText, summarisePipeline } from "./report/pipeline.ts";
import { reporter } from "./report/progress.ts";
import { type DemoResult, summarise } from "./report/summary.ts";
import type { Voice } from "./report/voice.ts";
import { hash32 } from "./site/random.ts";
import { checkAuctions, checkFacts, checkImages, type Outcome } from "./verify/facts.ts";
import { checkFollowed, readFollowed } from "./verify/followed.ts";
import { type HeldVehicle, readVehicles } from "./verify/held.ts";
import { checkImprovement } from "./verify/improvement.ts";
import { checkLeftovers, checkPoliteness } from "./verify/politeness.ts";
import { byListing, checkFound, checkRelistings } from "./verify/pipeline.ts";
import { checkManual, checkStates, checkUnread } from "./verify/rest.ts";

type Manual = NonNullable<Outcome["manual"]>;

/** What a person corrects by hand in Studio after the import: it must stand, whatever pages say. */
async function setByHand(world: World, plans: readonly Plan[], ids: readonly string[]) {
  const manual = new Map<string, Manual>();
  const fields: Manual[] = [
    { field: "color", value: "Seen in person: two-tone" },
    { field: "mileage", value: 12_345 },
    { field: "location", value: "Moved to Lisbon" },
  ];
  const complete = plans.flatMap((plan, i) =>
    plan.because === null && !plan.scenario ? [ids[i] ?? ""] : []
  );
  for (const [i, it] of fields.entries()) {
    const id = complete[i];
    if (id === undefined) continue;
    await world.sql`update vehicles set ${world.sql({ [it.field]: it.value })} where id = ${id}`;
    manual.set(id, it);
  }
  return manual;
}

/** Half of the live auctions end, sold, while the demo runs; the truth of their pages changes. */
async function endAuctions(world: World, plans: Plan[], ids: readonly string[]): Promise<number> {
  const ending = plans.flatMap((plan, i) =>
    plan.truth.facts.sale_status === "live" && !plan.scenario && hash32(plan.listing.url) % 2 === 0
      ? [{ plan, i }]
      : []
  );
  for (const { plan, i } of ending) {
    const { url } = plan.listing;
    world.site.setFault(url, { kind: "page_says", change: "ended_sold" });
    const truth = world.site.truth(url) ?? plan.truth;
    plans[i] = { ...plan, truth, ends: ["complete"], because: null };
  }
  await auctionsEnd(world.sql, ending.map(({ i }) => ids[i] ?? ""));
  return ending.length;
}

function pair(
  plans: readonly Plan[],
  ids: readonly string[],
  before: Map<string, HeldVehicle>,
  after: Map<string, HeldVehicle>,
  manual: Map<string, Manual>,
): Outcome[] {
  return plans.map((plan, i) => {
    const id = ids[i] ?? "";
    const was = before.get(id);
    const is = after.get(id);
    if (!was || !is) throw new Error(`the vehicle of ${plan.listing.url} is not in the database`);
    return { plan, before: was, after: is, manual: manual.get(id) ?? null };
  });
}

/** Vehicles that were found: before, there was nothing of them. */
function pairFound(found: readonly Plan[], after: Map<string, HeldVehicle>): Outcome[] {
  const standing = byListing(after);
  return found.map((plan) => {
    const is = standing.get(plan.listing.url.replace(/\/$/, ""));
    if (!is) throw new Error(`${plan.listing.url} was not found, or not imported`);
    const before: HeldVehicle = { ...is, columns: {}, score: 0, images: 0, auction: null };
    return { plan, before, after: is, manual: null };
  });
}

async function findAndImport(world: World, voice: Voice, asked: Plan[]): Promise<PipelineRun> {
  voice.say("Finding listings: discover-listings, import-bat-listing, process-import-queue");
  const begun = Date.now();
  const run = await runPipeline(world, asked.map((plan) => plan.listing.url));
  voice.say(pipelineText(summarisePipeline(run)));
  voice.say(`  ${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
  return run;
}

async function improve(
  world: World,
  voice: Voice,
  plans: Plan[],
  ids: string[],
): Promise<Improvement> {
  voice.say(`\n${improvementIntro}`);
  const improvement = await improveScraper(world, plans, ids, (line) => voice.say(`  ${line}`));
  voice.say(improvementText(improvement));
  return improvement;
}

async function follow(world: World, voice: Voice): Promise<void> {
  voice.say(followedIntro);
  await followListings(world);
  voice.say(followedText(await readFollowed(world.sql, world.site)));
}

/** The main job on generated sites, from vehicles with gaps to the checked result. */
export async function runDemo(world: World, voice: Voice): Promise<DemoResult> {
  const { site, sql } = world;
  const all = planDemo(site.catalogue);
  const { held: plans, found, asked } = arrivals(all, site);
  const named = (["completed", "current", "feed"] as const).flatMap(site.listed);
  for (const { listing, scenario } of plans) if (scenario) arrange(site, listing, scenario);
  const hosts = new Set(
    all.flatMap(({ listing }) => [
      listing.host,
      ...listing.images.map((image) => hostOf(image.url)),
    ]),
  );
  await allowFullSpeed(sql, [...hosts]);
  const ids = await insertVehicles(sql, plans.map((plan) => plan.row));
  const manual = await setByHand(world, plans, ids);
  const before = await readVehicles(sql);
  const troubled = plans.filter((plan) => plan.scenario).length;
  voice.say(
    `  sites     ${all.length} listings on ${Object.keys(site.catalogue.counts).length} hosts, ` +
      `${troubled} of them with trouble on purpose: ${site.url}`,
  );
  voice.say(
    `  vehicles  ${ids.length} inserted, all with gaps; ${found.length} are left to be found, ${asked.length} are asked for`,
  );
  voice.say();
  const pipeline = await findAndImport(world, voice, asked);
  voice.say("Filling gaps: micro-scrape-bandaid, called in batches of 20, and by cron");

  const begun = Date.now();
  const clock = { offset: 0 };
  const watcher = reporter(voice, begun);
  await fillGaps(world, clock, watcher);
  const improvement = await improve(world, voice, plans, ids);
  await follow(world, voice);
  const ended = await endAuctions(world, plans, ids);
  voice.say(`  ${ended} live auctions come to their end: time is moved on for them.`);
  await fillGaps(world, clock, watcher);
  const seconds = (Date.now() - begun) / 1000;

  const after = await readVehicles(sql);
  const followed = await readFollowed(sql, site);
  const outcomes = pair(plans, ids, before, after, manual);
  const every = [...outcomes, ...pairFound(found, after)];
  const checks = [
    checkFound(pipeline, site, named, after),
    await checkRelistings(sql, pipeline, site, after),
    checkImprovement(improvement),
    checkFollowed(followed),
    checkStates(every),
    ...checkFacts(every),
    checkAuctions(every),
    checkImages(every),
    checkUnread(outcomes),
    checkManual(outcomes),
    checkPoliteness(site),
    await checkLeftovers(sql),
  ];
  return {
    ...summarise(outcomes, checks, { seconds, movedSeconds: clock.offset, site }),
    pipeline: summarisePipeline(pipeline),
    improvement,
    followed,
  };
}
