import process from "node:process";
import { readAgain } from "../demo/redesign/measure.ts";
import { addressOf, pageAfter, pageBefore } from "../demo/redesign/pages.ts";
import { REDESIGN_SITES, type RedesignSite } from "../demo/redesign/sites.ts";
import { heldFacts } from "../demo/redesign/vehicles.ts";
import { apply } from "../supabase/functions/_shared/learning/apply.ts";
import {
  induce,
  learnFieldOf,
  surveyField,
  templateOfFields,
  templatesOf,
  typesOf,
} from "../supabase/functions/_shared/learning/induce.ts";
import { indexPage } from "../supabase/functions/_shared/learning/index/page_index.ts";
import { extract } from "../supabase/functions/_shared/sources/registry.ts";
import type { Figure, Row } from "./figure.ts";

/** Pages that a site is learned from. */
const LEARNED = 20;
/** Pages that both readers read, in turns, so that a busy machine slows both alike. */
const PAGES = 40;
const TURNS = 5;

/** Milliseconds of CPU, user and system, of one call. */
function cpu(call: () => unknown): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Mean CPU a page of a map and of the adapter, on the same pages: both read them before the redesign. */
function cpuOfPages(site: RedesignSite): { map: number; adapter: number } {
  const pages = Array.from({ length: PAGES }, (_, n) => ({
    url: addressOf(site, n),
    status: 200,
    contentType: "text/html",
    body: pageBefore(site, n),
    fetchedAt: "2026-01-01T00:00:00Z",
  }));
  const learned = pages.slice(0, LEARNED);
  const map = induce(learned.map(({ body }) => body), learned.map((_, n) => heldFacts(site, n)));
  const byMap = () => pages.forEach(({ body }) => apply(map, body));
  const byAdapter = () => pages.forEach((page) => extract(page));
  cpu(byMap);
  cpu(byAdapter);
  let total = { map: 0, adapter: 0 };
  for (let turn = 0; turn < TURNS; turn++) {
    total = { map: total.map + cpu(byMap), adapter: total.adapter + cpu(byAdapter) };
  }
  const reads = TURNS * pages.length;
  return { map: total.map / reads, adapter: total.adapter / reads };
}

/** Megabytes of text below each page of the large ones. */
const LARGE = 2;

/** The dearest step of learning from pages of several megabytes: a page indexed, or a field learned. */
function dearestStep(site: RedesignSite): number {
  const texts = Array.from(
    { length: LARGE * 6_000 },
    (_, at) =>
      `<div class="c${at % 50}"><p>Remark ${at} of ${1980 + at % 40}, ${
        at * 13 % 5_000
      } times read</p><p>${"word ".repeat(20)}</p></div>`,
  ).join("\n");
  const pages = Array.from(
    { length: LEARNED },
    (_, n) => pageAfter(site, n).replace("</footer>", `${texts}</footer>`),
  );
  const steps: number[] = [];
  const step = <T>(take: () => T): T => {
    let taken: T | undefined;
    steps.push(cpu(() => taken = take()));
    return taken as T; // set by the call
  };
  const indexes = pages.map((page) => step(() => indexPage(page)));
  const facts = pages.map((_, n) => heldFacts(site, n));
  const types = typesOf(facts, {});
  step(() => templatesOf(indexes));
  const surveys = Object.fromEntries(
    Object.keys(types).map((field) => [
      field,
      step(() => surveyField(field, indexes, facts, types)),
    ]),
  );
  const fields = Object.fromEntries(
    Object.keys(types).map((field) => [
      field,
      step(() => learnFieldOf(field, indexes, facts, surveys)),
    ]),
  );
  step(() => templateOfFields("large", indexes, fields));
  return Math.max(...steps);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

const row = (what: string, value: number, more: Partial<Row> = {}): Row => ({
  what,
  value,
  unit: "",
  better: "less",
  baseline: null,
  ...more,
});

export const redesign: Figure = {
  name: "redesign",
  about: "six redesigned sites read again by what their own pages teach; CPU of maps and adapter",
  run(bench) {
    const all = REDESIGN_SITES.map((site) => {
      bench.say(`${site.host}: ${site.change}`);
      return { site, ...readAgain(site, LEARNED), read: cpuOfPages(site) };
    });
    const [first] = REDESIGN_SITES;
    if (first === undefined) throw new RangeError("no site is redesigned");
    const recalls = all.map(({ site, right, stated }) =>
      row(`recall after "${site.change}", of ${stated} values`, right / stated, {
        better: "more",
        aim: site.change === "labels removed" ? "0.5 or more" : "0.9 or more",
      })
    );
    const read = all.reduce(
      (sum, { right, wrong, invented }) => sum + right + wrong.length + invented.length,
      0,
    );
    const cut = (site: RedesignSite) =>
      Array.from({ length: LEARNED }, (_, n) => pageAfter(site, n).length);
    const size = Math.round(mean(REDESIGN_SITES.flatMap(cut)) / 1024);
    return Promise.resolve([
      ...recalls,
      row(
        `wrong with 0.8 or more, of ${read} values read`,
        all.flatMap(({ sure }) => sure).length,
        {
          must: 0,
        },
      ),
      row(
        "wrong or invented at all",
        all.flatMap(({ wrong, invented }) => [...wrong, ...invented]).length,
      ),
      row(`fields given up, of ${all.length * 13}`, all.flatMap(({ givenUp }) => givenUp).length),
      row("CPU a page of a serving map", mean(all.map(({ read }) => read.map)), {
        unit: "ms",
        baseline: {
          name: "the adapter, same pages",
          value: mean(all.map(({ read }) => read.adapter)),
        },
      }),
      row(
        `CPU of one induction of ${LEARNED} pages (${size} KB each)`,
        mean(all.map(({ cpu }) => cpu)),
        {
          unit: "ms",
        },
      ),
      row(`CPU of the dearest step, ${LEARNED} pages of ${LARGE} MB`, dearestStep(first), {
        unit: "ms",
        aim: "under 1000 ms",
      }),
    ]);
  },
};
