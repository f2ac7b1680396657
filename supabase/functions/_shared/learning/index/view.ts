import { fold } from "../values/text.ts";
import type { PageIndex, Unit } from "./page_index.ts";

/** How far up an element's names are looked at. */
const NAMES_UP = 3;
const ANCESTORS = 40;
const PATH = 5;
const LONGEST_LABEL = 60;

/** A page's index with what rules ask of it. */
export class PageView {
  private readonly byKey = new Map<string, number[]>();
  private readonly pieces: string[] = [];
  private readonly ancestry = new Map<number, ReadonlySet<string>>();
  private readonly keys: string[][];

  constructor(readonly index: PageIndex) {
    for (const unit of index.units) if (unit.kind === "piece") this.pieces.push(unit.text);
    this.keys = index.units.map((unit) => this.keysOf(unit));
    for (const [number, keys] of this.keys.entries()) {
      for (const key of keys) {
        const held = this.byKey.get(key);
        if (held === undefined) this.byKey.set(key, [number]);
        else held.push(number);
      }
    }
  }

  unit(number: number): Unit {
    const unit = this.index.units[number];
    if (unit === undefined) throw new RangeError(`the page has no text ${number}`);
    return unit;
  }

  /** The texts that an anchor leads to, in the order of the page. */
  at(key: string): readonly number[] {
    return this.byKey.get(key) ?? [];
  }

  /** The anchors that lead to a text. */
  anchors(number: number): readonly string[] {
    return this.keys[number] ?? [];
  }

  /** Names and tags of the elements around a text, and its own. */
  around(number: number): ReadonlySet<string> {
    const from = this.unit(number).element;
    const held = this.ancestry.get(from);
    if (held !== undefined) return held;
    const names = new Set<string>();
    let element = this.index.elements[from];
    for (let up = 0; element !== undefined && up < ANCESTORS; up++) {
      for (const name of element.names) names.add(name);
      names.add(`<${element.tag}>`);
      element = this.index.elements[element.parent];
    }
    this.ancestry.set(from, names);
    return names;
  }

  private keysOf(unit: Unit): string[] {
    if (unit.kind === "meta") return [`meta|meta|${unit.name}`];
    if (unit.kind === "attribute") {
      const own = this.index.elements[unit.element]?.names ?? [];
      return own.map((name) => `name|attribute|${name}@${unit.name}`);
    }
    const places = this.placesOf(unit);
    const kinds = unit.whole === true ? ["piece", "line"] : [unit.kind];
    return kinds.flatMap((kind) => [
      `all|${kind}|`,
      ...places.map(([by, what]) => `${by}|${kind}|${what}`),
    ]);
  }

  private placesOf(unit: Unit): [by: string, what: string][] {
    const places: [string, string][] = [];
    const before = labelOf(this.pieces[unit.piece - 1] ?? "");
    if (before !== null) places.push(["before", before]);
    const above = labelOf(unit.header ?? "");
    if (above !== null) places.push(["above", above]);
    const tags: string[] = [];
    const names = new Set<string>();
    let element = this.index.elements[unit.element];
    for (let up = 0; element !== undefined && up < PATH; up++) {
      tags.unshift(element.tag);
      if (up <= NAMES_UP) { for (const name of element.names) names.add(name); }
      element = this.index.elements[element.parent];
    }
    for (const name of names) places.push(["name", name]);
    places.push(["path", tags.join(">")]);
    return places;
  }
}

/** A text as a label: lower case, without its colon; null when it can be none. */
function labelOf(text: string): string | null {
  if (text === "" || text.length > LONGEST_LABEL) return null;
  const label = fold(text).replace(/^[\s•·*|–-]+|[\s:：*|–-]+$/gu, "");
  return /\p{L}/u.test(label) ? label : null;
}
