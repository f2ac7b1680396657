import { z } from "zod";
import type { DatabaseClient } from "../../database/client.ts";
import {
  loadServingMaps,
  type MapJob,
  type MapJobDatabase,
  type MapJobPage,
  type MapJobState,
  type PageOfStep,
} from "../../database/learning.ts";
import { snapshotDatabase } from "../../database/snapshots.ts";
import type { Page } from "../../domain/page.ts";
import { damageOf } from "../../extraction/damage.ts";
import { unusableResponse } from "../../extraction/page_kind.ts";
import { loadSnapshot } from "../../fetching/snapshots/snapshots.ts";
import { templatesOf } from "../../learning/induce.ts";
import { indexPage, type PageIndex } from "../../learning/index/page_index.ts";
import { mapOf } from "../../sources/maps/read_by_maps.ts";
import { extract, readablePart } from "../../sources/registry.ts";
import { vinsInProse } from "../../vehicle/vin.ts";
import { adapterReads, compared } from "./compare.ts";
import { learnedMap } from "./learned_map.ts";
import { learnedSoFar, learnRules } from "./learn_rules.ts";

/** What a step needs of the outside. */
interface StepTools {
  database: DatabaseClient;
  job: MapJobDatabase;
  /** Whether this run has done its share. */
  isUsedUp: () => boolean;
}

/** Where a job stands after a step. */
type StepEnd =
  | { kind: "next"; step: MapJob["step"]; state: MapJobState }
  | { kind: "done"; result: string };

/** Fewer pages teach nothing. */
const FEWEST = 5;
/** Pages whose places are asked for at once. */
const PORTION = 10;
/** Texts of a page, and of all pages that one template is learned from, as characters of JSON: what a second of CPU can read. */
const LARGEST_PAGE = 1_000_000;
const MOST_TEXT = 5_000_000;
/** A page that shows more VINs is a list. */
const MOST_VINS = 20;

/** Makes the next step of a job, and writes it down. @throws DatabaseError, LeaseLost */
export async function nextStep(job: MapJob, tools: StepTools): Promise<StepEnd> {
  switch (job.step) {
    case "sample":
      return await sample(job, tools);
    case "index":
      return await index(job, tools);
    case "learn":
      return await learn(job, tools);
    case "compare":
    case "done":
      return await compare(job, tools);
  }
}

async function sample(job: MapJob, { job: written }: StepTools): Promise<StepEnd> {
  const pages = await written.sample();
  const compares = job.cause === "watch" || job.state.map_ids !== undefined;
  if (!compares && pages < FEWEST) return await tooFew(written, pages);
  return { kind: "next", step: compares ? "compare" : "index", state: job.state };
}

async function tooFew(written: MapJobDatabase, pages: number): Promise<StepEnd> {
  const result =
    `${pages} snapshots of pages of known vehicles can be learned from: ${FEWEST} are needed`;
  await written.finish(result);
  return { kind: "done", result };
}

/** Reads pages one after another until the run's share is used up. */
async function eachPage(
  { state }: MapJob,
  { database, job, isUsedUp }: StepTools,
  read: (page: Page | null, of: MapJobPage) => void,
): Promise<number | null> {
  const snapshots = snapshotDatabase(database);
  let next = state.next ?? 0;
  for (;;) {
    const pages = await job.pages(next, PORTION);
    if (pages.length === 0) return null;
    for (const one of pages) {
      const page = await loadSnapshot(snapshots, one.snapshot);
      read(page === null ? null : readablePart({ ...page, url: one.url }), one);
      next = one.number + 1;
      if (isUsedUp()) return next;
    }
  }
}

async function index(job: MapJob, tools: StepTools): Promise<StepEnd> {
  const pages: PageOfStep[] = [];
  const next = await eachPage(job, tools, (page, { number, facts }) => {
    let leftOut = whyLeftOut(page, job.cause);
    let page_index = page === null || leftOut !== null ? null : indexPage(page.body);
    if (page_index !== null && sizeOf(page_index) > LARGEST_PAGE) {
      [page_index, leftOut] = [null, "its texts are too many to learn from"];
    }
    const vins = page_index !== null && Object.keys(facts).length === 0 ? vinsOf(page_index) : [];
    pages.push({ number, page_index, left_out: leftOut, vins });
  });
  const step = next === null ? "learn" : "index";
  const state: MapJobState = next === null ? {} : { next };
  await tools.job.checkpoint(step, state, pages);
  return { kind: "next", step, state };
}

/** The VINs that a page shows; what has no right check digit is none. */
function vinsOf({ units }: PageIndex): string[] {
  const text = units.map((unit) => unit.text).join("\n");
  return [...new Set(vinsInProse(text, null).map(({ vin }) => vin))].slice(0, MOST_VINS);
}

/** Why nothing is learned from a page; null when something is. */
function whyLeftOut(page: Page | null, cause: MapJob["cause"]): string | null {
  if (page === null) return "it is kept no more";
  const unusable = unusableResponse(page);
  if (unusable !== null) return unusable.reason;
  const damaged = damageOf(page.body).why;
  if (damaged !== null) return damaged;
  const { outcome } = extract(page);
  if (outcome === "blocked" || outcome === "not_a_listing") return `it is ${outcome}`;
  return cause === "unreadable" && outcome === "listing" ? "its adapter reads it" : null;
}

const pageIndex = z.custom<PageIndex>((value) => typeof value === "object" && value !== null);

/** The pages that were read and of whose vehicles something is known, with their texts. */
async function indexed(written: MapJobDatabase, numbers?: readonly number[]) {
  const pages = (await written.indexes(numbers)).map((one) => ({
    ...one,
    page_index: pageIndex.parse(one.page_index),
  }));
  return pages.filter(({ facts }) => Object.values(facts).some((value) => value !== null));
}

/** Sorts the pages into templates, then learns one after another, a field at a time. */
async function learn(
  job: MapJob,
  { database, job: written, isUsedUp }: StepTools,
): Promise<StepEnd> {
  const { state } = job;
  if (state.groups === undefined) {
    const pages = await indexed(written);
    const groups = templatesOf(pages.map(({ page_index }) => page_index))
      .filter((group) => group.length >= FEWEST)
      .map((group) => asMany(group.flatMap((at) => pages[at] ?? [])));
    if (groups.length === 0) return await tooFew(written, pages.length);
    return await goOnLearning(written, { groups, learned: [] });
  }
  const learned = state.learned ?? [];
  const group = state.groups[learned.length];
  if (group === undefined) return await write(learned, written);
  const pages = await indexed(written, group);
  const before = learnedSoFar.parse(state.so_far ?? { surveys: {}, fields: {} });
  const end = learnRules(`template ${learned.length + 1}`, pages, before, isUsedUp);
  if ("soFar" in end) return await goOnLearning(written, { ...state, so_far: end.soFar });
  const serving = (await loadServingMaps(database)).get(job.source) ?? [];
  const replaced = pages.flatMap(({ page_index }) => mapOf(serving, page_index)?.id ?? []);
  const map = learnedMap(end.template, pages, replaced);
  return await goOnLearning(written, { ...state, so_far: undefined, learned: [...learned, map] });
}

/** Writes down how far learning came. */
async function goOnLearning(written: MapJobDatabase, state: MapJobState): Promise<StepEnd> {
  await written.checkpoint("learn", state);
  return { kind: "next", step: "learn", state };
}

const sizeOf = (index: PageIndex): number => JSON.stringify(index).length;

/** Numbers of the first pages, as many as one step can learn from; they are in the order of the sample. */
function asMany(pages: readonly { number: number; page_index: PageIndex }[]): number[] {
  let text = 0;
  return pages.filter(({ page_index }, at) => {
    text += sizeOf(page_index);
    return at < FEWEST || text <= MOST_TEXT;
  }).map(({ number }) => number);
}

async function write(
  learned: readonly unknown[],
  written: MapJobDatabase,
): Promise<StepEnd> {
  await written.write(learned);
  const map_ids = (await written.maps()).map(({ id }) => id);
  return { kind: "next", step: "compare", state: { map_ids } };
}

/** Reads the pages by the job's maps and by their adapter, and has decided what serves. */
async function compare(job: MapJob, tools: StepTools): Promise<StepEnd> {
  const maps = await tools.job.maps();
  const comparisons: unknown[] = [...job.state.comparisons ?? []];
  let [pages, reads] = [job.state.pages ?? 0, job.state.adapter_reads ?? 0];
  const next = await eachPage(job, tools, (page, { snapshot }) => {
    if (page === null || unusableResponse(page) !== null) return;
    const byAdapter = extract(page);
    const byMap = compared(maps, page, byAdapter, snapshot.id);
    pages++;
    if (adapterReads(maps, byMap, byAdapter)) reads++;
    comparisons.push(...byMap);
  });
  if (next !== null) {
    const state = { ...job.state, next, comparisons, pages, adapter_reads: reads };
    await tools.job.checkpoint("compare", state);
    return { kind: "next", step: "compare", state };
  }
  return { kind: "done", result: await tools.job.settle(comparisons, pages, reads) };
}
