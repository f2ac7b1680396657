import type { World } from "./world.ts";
import { callFunction, type RunAnswer } from "./call.ts";
import { readStatus, type Status, unsettled } from "./status.ts";
import { letHostsRecover, type Moved, moveTimeOn } from "./time.ts";

/** What a person sees while gaps are filled. */
export interface Watcher {
  status(status: Status): void;
  moved(moved: Moved): void;
}

/** Two callers beside cron, each a vehicle batch at a time. */
const CALLERS = 2;
/** Six looks at a page, five tries of a failing one: more moves than this say that nothing ends. */
const MOST_MOVES = 40;
/** Shorter waits are waited for. */
const SHORT_WAIT_S = 2;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls micro-scrape-bandaid until a run finds nothing that is due. */
async function scrapeUntilIdle({ stack }: World): Promise<void> {
  for (;;) {
    const run = await callFunction<RunAnswer>(stack, "micro-scrape-bandaid", { batch_size: 20 });
    if (run.analyzed === 0) return;
  }
}

/** Calls backfill-images until no image is due and no run is looking for more. */
async function downloadUntilIdle({ stack }: World, scraping: Promise<unknown>): Promise<void> {
  let looking = true;
  const stop = () => looking = false;
  scraping.then(stop, stop);
  for (;;) {
    const wasLooking = looking;
    const { claimed } = await callFunction<{ claimed: number }>(stack, "backfill-images", {});
    if (claimed > 0) continue;
    if (!wasLooking) return;
    await pause(300);
  }
}

async function watch(world: World, watcher: Watcher, work: Promise<unknown>): Promise<void> {
  let done = false;
  const ended = work.finally(() => done = true);
  ended.catch(() => {}); // thrown below, where it is awaited
  while (!done) {
    watcher.status(await readStatus(world.sql));
    await letHostsRecover(world.sql);
    await Promise.race([ended, pause(250)]);
  }
  await ended;
}

/** A time that goes on beside the clock: the seconds that were passed over, together. */
interface Clock {
  offset: number;
}

/** Looks once at every vehicle that is due, and moves no time. Galleries are not downloaded. */
export async function fillOnce(world: World, watcher: Watcher): Promise<Status> {
  for (;;) {
    const callers = Array.from({ length: CALLERS }, () => scrapeUntilIdle(world));
    await watch(world, watcher, Promise.all(callers));
    const status = await readStatus(world.sql);
    watcher.status(status);
    if (status.due + status.leased === 0) return status;
    await pause(100);
  }
}

/**
 * Lets micro-scrape-bandaid and backfill-images work until nothing is due, and moves time on when
 * all that is left waits. Throws when a function fails, or when it does not come to an end.
 */
export async function fillGaps(world: World, clock: Clock, watcher: Watcher): Promise<Status> {
  for (let moves = 0; moves < MOST_MOVES;) {
    const scraping = Promise.all(Array.from({ length: CALLERS }, () => scrapeUntilIdle(world)));
    const images = downloadUntilIdle(world, scraping);
    await watch(world, watcher, Promise.all([scraping, images]));
    const status = await readStatus(world.sql);
    watcher.status(status);
    if (status.due + status.leased + status.imagesDue > 0) {
      await pause(100); // what another worker holds
      continue;
    }
    if (unsettled(status) + status.imagesWaiting === 0) return status;
    const moved = await moveTimeOn(world.sql, clock.offset, SHORT_WAIT_S);
    if (!moved) {
      await pause(300);
      continue;
    }
    moves++;
    clock.offset += moved.seconds;
    watcher.moved(moved);
  }
  throw new Error(`work was left after time was moved on ${MOST_MOVES} times`);
}
