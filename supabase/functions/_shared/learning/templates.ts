import { similarity, type Sketch } from "./index/shingles.ts";

/** Pages that are less alike are not of one template. */
const ALIKE = 0.4;
/** Two groups are one template when they are nearly as alike as the pages within each are. */
const AS_ALIKE_AS_WITHIN = 0.85;
/** A page that is less like every template belongs to none. */
const NEAR = 0.3;
/** Of more pages so many are compared each with each; the rest join them. */
const MOST_COMPARED = 120;
/** No rule is learned from fewer pages: they join the template that they are like, if only somewhat. */
const FEWEST = 5;
const MOST_SKETCHES = 6;

/**
 * Sorts pages into templates, by how alike their sketches are: agglomerative clustering by the mean
 * similarity, which ends where groups are less like each other than the pages within them.
 *
 * @returns For each template the numbers of its pages; the largest first.
 */
export function clusterPages(sketches: readonly Sketch[]): number[][] {
  const known = withoutRareClasses(sketches);
  const numbers = [...known.keys()];
  const compared = spread(numbers, MOST_COMPARED);
  const groups = agglomerate(known, compared);
  const left: number[] = [];
  const late = new Set(compared);
  for (const page of numbers.filter((one) => !late.has(one))) {
    const [nearest, how] = nearestTo(known, page, groups);
    if (nearest !== null && how >= AS_ALIKE_AS_WITHIN * cohesion(known, nearest)) {
      nearest.push(page);
    } else left.push(page);
  }
  if (left.length > 0) groups.push(...agglomerate(known, left.slice(0, MOST_COMPARED)));
  const joined = withoutSmall(known, groups);
  for (const page of left.slice(MOST_COMPARED)) nearestTo(known, page, joined)[0]?.push(page);
  return joined.map((group) => group.sort((a, b) => a - b)).sort((a, b) => b.length - a.length);
}

/** Classes that a single page has tell nothing of its template, and there may be many. */
function withoutRareClasses(sketches: readonly Sketch[]): Sketch[] {
  const pages = new Map<number, number>();
  for (const { classes } of sketches) {
    for (const one of classes) pages.set(one, (pages.get(one) ?? 0) + 1);
  }
  return sketches.map(({ paths, classes }) => ({
    paths,
    classes: classes.filter((one) => (pages.get(one) ?? 0) > 1),
  }));
}

interface Group {
  pages: number[];
  /** Sum of the similarities of its pairs, and how many they are. */
  within: number;
  pairs: number;
}

function agglomerate(sketches: readonly Sketch[], pages: readonly number[]): number[][] {
  const groups: (Group | null)[] = pages.map((page) => ({ pages: [page], within: 0, pairs: 0 }));
  // Sums of the similarities between the pages of two groups.
  const sums = pages.map((a) => Float64Array.from(pages, (b) => between(sketches, a, b)));
  for (let merged = true; merged;) {
    merged = false;
    const [at, against, how] = nearestPair(groups, sums);
    const [one, other] = [groups[at], groups[against]];
    if (!one || !other || how < ALIKE || !areOne(one, other, how)) continue;
    one.within += other.within + (sums[at]?.[against] ?? 0);
    one.pairs += other.pairs + one.pages.length * other.pages.length;
    one.pages.push(...other.pages);
    groups[against] = null;
    for (const [third, row] of sums.entries()) {
      const sum = (row[at] ?? 0) + (row[against] ?? 0);
      row[at] = sum;
      const own = sums[at];
      if (own !== undefined) own[third] = sum;
    }
    merged = true;
  }
  return groups.flatMap((group) => group === null ? [] : [group.pages]);
}

function nearestPair(
  groups: readonly (Group | null)[],
  sums: readonly Float64Array[],
): [number, number, number] {
  let [at, against, best] = [-1, -1, -1];
  for (const [a, one] of groups.entries()) {
    if (one === null) continue;
    for (let b = a + 1; b < groups.length; b++) {
      const other = groups[b];
      if (!other) continue;
      const how = (sums[a]?.[b] ?? 0) / (one.pages.length * other.pages.length);
      if (how > best) [at, against, best] = [a, b, how];
    }
  }
  return [at, against, best];
}

/** Whether two groups are nearly as alike as the pages within the looser of them. */
function areOne(one: Group, other: Group, how: number): boolean {
  const within = [one, other].filter(({ pages }) => pages.length >= 3)
    .map(({ within, pairs }) => within / pairs);
  return within.length === 0 || how >= AS_ALIKE_AS_WITHIN * Math.min(...within);
}

function withoutSmall(sketches: readonly Sketch[], groups: readonly number[][]): number[][] {
  const large = groups.filter((group) => group.length >= FEWEST).map((group) => [...group]);
  const small = groups.filter((group) => group.length < FEWEST);
  const apart = small.filter((group) => {
    const [nearest, how] = nearestTo(sketches, group[0] ?? 0, large);
    if (nearest === null || how < ALIKE) return true;
    nearest.push(...group);
    return false;
  });
  return [...large, ...apart.map((group) => [...group])];
}

function nearestTo(
  sketches: readonly Sketch[],
  page: number,
  groups: readonly number[][],
): [number[] | null, number] {
  let best: [number[] | null, number] = [null, 0];
  for (const group of groups) {
    const how = mean(spread(group, MOST_SKETCHES).map((one) => between(sketches, page, one)));
    if (how > best[1]) best = [group, how];
  }
  return best;
}

function cohesion(sketches: readonly Sketch[], group: readonly number[]): number {
  const some = spread(group, MOST_SKETCHES);
  const pairs = some.flatMap((a) => some.flatMap((b) => a < b ? [between(sketches, a, b)] : []));
  return pairs.length === 0 ? 0 : mean(pairs);
}

function between(sketches: readonly Sketch[], a: number, b: number): number {
  const [one, other] = [sketches[a], sketches[b]];
  return one === undefined || other === undefined ? 0 : similarity(one, other);
}

/** A few of many, from all over. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  const step = all.length / most;
  return Array.from({ length: most }, (_, index) => all[Math.floor(index * step)])
    .filter((one) => one !== undefined);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** The sketches that stand for a template: of a few pages, with the classes that more than one has. */
export function sketchesOf(pages: readonly Sketch[]): Sketch[] {
  return spread(withoutRareClasses(pages), MOST_SKETCHES);
}

/** The template that a page belongs to; null when it is like none. */
export function templateOf<T extends { sketches: readonly Sketch[] }>(
  templates: readonly T[],
  sketch: Sketch,
): T | null {
  const known = new Set(
    templates.flatMap(({ sketches }) => sketches.flatMap((one) => one.classes)),
  );
  const page = { paths: sketch.paths, classes: sketch.classes.filter((one) => known.has(one)) };
  let [best, how]: [T | null, number] = [null, NEAR];
  for (const template of templates) {
    const alike = mean(template.sketches.map((one) => similarity(one, page)));
    if (alike >= how) [best, how] = [template, alike];
  }
  return best;
}
