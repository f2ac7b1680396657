/** How many hashes a sketch keeps: the similarity of two is known to about 0.07. */
const SIZE = 160;
/** Tags of a path that count, from the innermost. */
const PATH = 3;
/** Distinct shingles that are kept until the smallest are taken. */
const MOST = 20_000;

/** A page's template in numbers: which paths follow each other, and which classes there are. JSON. */
export interface Sketch {
  paths: number[];
  classes: number[];
}

/**
 * Makes the sketch of a page while it is read: the smallest hashes of its shingles, each two tag paths
 * on end, and of its class names (bottom-k sketch, Broder 1997). How often a shingle occurs does not
 * count, so a list of two and one of twenty are alike.
 */
export class Shingles {
  private readonly paths = new Set<number>();
  private readonly classes = new Set<number>();
  private last = 0;

  /** The next element: its tags from the outermost that counts to its own, and its classes. */
  add(tags: readonly string[], classes: readonly string[]): void {
    const path = hashOf(tags.slice(-PATH).join(">"));
    if (this.paths.size < MOST) this.paths.add(mixed(Math.imul(this.last, 31) + path));
    this.last = path;
    if (this.classes.size >= MOST) return;
    // A name with a number in it is of one page: "post-4711".
    for (const name of classes) if (!/\d{3}/.test(name)) this.classes.add(mixed(hashOf(name)));
  }

  sketch(): Sketch {
    return { paths: smallest(this.paths), classes: smallest(this.classes) };
  }
}

function smallest(hashes: ReadonlySet<number>): number[] {
  return [...hashes].sort((a, b) => a - b).slice(0, SIZE);
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: near numbers become far ones. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How much of two pages' templates is the same, from 0 to 1. Where a page has no classes, the paths decide. */
export function similarity(one: Sketch, other: Sketch): number {
  const paths = resemblance(one.paths, other.paths);
  if (one.classes.length === 0 || other.classes.length === 0) return paths;
  return paths * (1 + resemblance(one.classes, other.classes)) / 2;
}

/**
 * The share of two sets that is in both, by their smallest hashes.
 */
function resemblance(one: readonly number[], other: readonly number[]): number {
  let [at, against, shared, all] = [0, 0, 0, 0];
  while (all < SIZE && (at < one.length || against < other.length)) {
    const [a, b] = [one[at] ?? Infinity, other[against] ?? Infinity];
    if (a === b) shared++;
    if (a <= b) at++;
    if (b <= a) against++;
    all++;
  }
  return all === 0 ? 1 : shared / all;
}
