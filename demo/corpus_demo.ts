import { FIELD_NAMES } from "../supabase/functions/_shared/domain/fact.ts";
import { hostOf } from "../supabase/functions/_shared/domain/host.ts";
import { byField, STATED_AFTER_ALL } from "../tests/corpus/accuracy.ts";
import { AUCTION_PAGES } from "../tests/corpus/folder.ts";
import { fillOnce } from "./driver/fill.ts";
import { allowFullSpeed, insertVehicles } from "./driver/insert.ts";
import type { World } from "./driver/world.ts";
import { reporter } from "./report/progress.ts";
import type { Voice } from "./report/voice.ts";
import type { CorpusPage } from "./site/corpus.ts";
import { type Check, counted } from "./verify/check.ts";
import { accuracy, type AccuracyRow, galleryCounts, offersNothing } from "./verify/corpus.ts";
import { type HeldVehicle, readVehicles } from "./verify/held.ts";

/** What was read from real pages, as `--json` prints it. */
export interface CorpusResult {
  ok: boolean;
  seconds: number;
  /** Every page with how its vehicle's look at it ended. */
  pages: {
    file: string;
    url: string;
    kind: string;
    outcome: string;
    facts: number;
    why: string | null;
  }[];
  /** The database against truth.jsonl, over the pages that were read. */
  accuracy: ReturnType<typeof byField>;
  /** Every value of truth.jsonl, also of pages that could not be read. */
  values: AccuracyRow[];
  checks: Check[];
}

const factsHeld = (vehicle: HeldVehicle): number =>
  FIELD_NAMES.filter((field) => (vehicle.columns[field] ?? null) !== null).length;

const shown = ({ file, field, stated, held }: AccuracyRow): string =>
  `${file} ${field}: ${held ?? "nothing"}, a person read ${stated ?? "nothing"}`;

/** Whether the page states, in words that a test looks for, what a person did not see there. */
export function statedAfterAll({ file, field }: AccuracyRow): boolean {
  return `${file} ${field}` in STATED_AFTER_ALL;
}

function checksOf(
  rows: readonly AccuracyRow[],
  pages: readonly CorpusPage[],
  vehicles: ReadonlyMap<string, HeldVehicle>,
  galleries: ReadonlyMap<string, number>,
): Check[] {
  const auctions = rows.filter((row) => row.file in AUCTION_PAGES && row.stated !== null);
  const untrue = rows.filter((row) =>
    row.verdict === "wrong" || (row.verdict === "invented" && !statedAfterAll(row))
  );
  const empty = pages.filter(offersNothing);
  const taken = empty.filter((page) => {
    const vehicle = vehicles.get(page.file);
    return !vehicle || factsHeld(vehicle) > 0 || vehicle.images > 0 || vehicle.auction !== null ||
      (galleries.get(vehicle.id) ?? 0) > 0;
  });
  return [
    {
      name: "every value of the auction pages is right",
      seen: counted(auctions.length, "value"),
      problems: auctions.filter((row) => row.verdict !== "right").map(shown),
    },
    {
      name: "no value of any page is wrong or invented",
      seen: counted(rows.filter((row) => row.verdict === "right").length, "right value"),
      problems: untrue.map(shown),
    },
    {
      name: "nothing is taken from blocked pages, indexes, shells and pages about something else",
      seen: counted(empty.length, "page"),
      problems: taken.map((page) => `${page.file}: ${page.kind}`),
    },
  ];
}

/** The main job on real pages, which are served at their own addresses. */
export async function runCorpusDemo(world: World, voice: Voice): Promise<CorpusResult> {
  const { site, sql } = world;
  if (!site.corpus) throw new TypeError("the site was started without a corpus");
  const pages = [...site.corpus.byAddress.values()];
  await allowFullSpeed(sql, [...new Set(pages.map((page) => hostOf(page.url)))]);
  // The hosts of their images are known when the pages have been read.
  await sql`alter table source_hosts alter column min_interval_ms set default 0`;
  const ids = await insertVehicles(
    sql,
    pages.map((page) => ({ discovery_url: page.url, origin_metadata: {} })),
  );
  voice.say(`  sites     ${pages.length} real pages at their own addresses: ${site.url}`);
  voice.say(`  vehicles  ${ids.length} inserted, of which nothing is known but the address`);
  voice.say();
  voice.say("Filling gaps: micro-scrape-bandaid, called in batches of 20, one look at every page");
  const begun = Date.now();
  await fillOnce(world, reporter(voice, begun, "looked at"));
  const seconds = (Date.now() - begun) / 1000;

  const held = await readVehicles(sql);
  const vehicles = new Map<string, HeldVehicle>();
  pages.forEach(({ file }, i) => {
    const vehicle = held.get(ids[i] ?? "");
    if (vehicle) vehicles.set(file, vehicle);
  });
  const galleries = await galleryCounts(sql);
  const rows = await accuracy(site.corpus, vehicles, galleries);
  const checks = checksOf(rows, pages, vehicles, galleries);
  return {
    ok: checks.every((check) => check.problems.length === 0),
    seconds,
    pages: pages.map(({ file, url, kind }) => {
      const vehicle = vehicles.get(file);
      return {
        file,
        url,
        kind,
        outcome: vehicle?.outcome ?? "not looked at",
        facts: vehicle ? factsHeld(vehicle) : 0,
        why: vehicle?.error ?? null,
      };
    }),
    accuracy: byField(
      rows.filter((row) => vehicles.get(row.file)?.outcome === "ok"),
    ),
    values: rows,
    checks,
  };
}
