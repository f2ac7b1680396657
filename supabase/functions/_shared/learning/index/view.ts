import { fold } from "../values/text.ts";
import type { PageIndex, Unit } from "./page_index.ts";

/** How far up an element's names are looked at. */
const NAMES_UP = 3;
const ANCESTORS = 40;
const PATH = 5;
const LONGEST_LABEL = 60;
/** What can lead to a text of the page itself. */
const LEADS = ["before", "above", "name", "path"] as const;

/** A page's index with what rules ask of it. What nobody asks for is not made: pages may be large. */
export class PageView {
  private readonly pieces: string[] = [];
  private readonly labels: (string | null | undefined)[] = [];
  private readonly ancestry = new Map<number, ReadonlySet<string>>();
  /** By what leads to them and its words, the texts of all kinds. */
  private readonly leads = new Map<string, Map<string, number[]>>();
  private readonly lists = new Map<string, readonly number[]>();

  constructor(readonly index: PageIndex) {
    for (const unit of index.units) if (unit.kind === "piece") this.pieces.push(unit.text);
  }

  unit(number: number): Unit {
    const unit = this.index.units[number];
    if (unit === undefined) throw new RangeError(`the page has no text ${number}`);
    return unit;
  }

  /** The texts that an anchor leads to, in the order of the page; with `part`, those that hold it. */
  at(key: string, part = ""): readonly number[] {
    const name = part === "" ? key : `${key}\n${part}`;
    const held = this.lists.get(name);
    if (held !== undefined) return held;
    const list = part === ""
      ? this.listOf(key)
      : this.at(key).filter((number) => this.unit(number).text.includes(part));
    this.lists.set(name, list);
    return list;
  }

  /** The anchors that lead to a text. */
  anchors(number: number): string[] {
    const unit = this.unit(number);
    if (unit.kind === "meta") return [`meta|meta|${unit.name}`];
    const kinds = unit.whole === true ? ["piece", "line"] : [unit.kind];
    return kinds.flatMap((kind) => [
      ...(kind === "attribute" ? [] : [`all|${kind}|`]),
      ...LEADS.flatMap((by) => this.leadsTo(unit, by).map((what) => `${by}|${kind}|${what}`)),
    ]);
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

  private listOf(key: string): number[] {
    const [by = "", kind = "", ...rest] = key.split("|");
    const { units } = this.index;
    const some = by === "all" ? [...units.keys()] : this.leadsBy(by).get(rest.join("|")) ?? [];
    return some.filter((number) => {
      const unit = units[number];
      return unit?.kind === kind || (kind === "line" && unit?.whole === true);
    });
  }

  private leadsBy(by: string): Map<string, number[]> {
    const held = this.leads.get(by);
    if (held !== undefined) return held;
    const made = new Map<string, number[]>();
    for (const [number, unit] of this.index.units.entries()) {
      for (const what of this.leadsTo(unit, by)) {
        const list = made.get(what);
        if (list === undefined) made.set(what, [number]);
        else list.push(number);
      }
    }
    this.leads.set(by, made);
    return made;
  }

  /** The words by which one kind of anchor leads to a text. */
  private leadsTo(unit: Unit, by: string): string[] {
    if (unit.kind === "meta") return by === "meta" && unit.name !== undefined ? [unit.name] : [];
    if (unit.kind === "attribute") {
      const own = this.index.elements[unit.element]?.names ?? [];
      return by === "name" ? own.map((name) => `${name}@${unit.name}`) : [];
    }
    switch (by) {
      case "before":
        return listed(this.labelAt(unit.piece - 1));
      case "above":
        return unit.header === undefined ? [] : listed(labelOf(unit.header));
      case "name":
        return this.namesAt(unit.element);
      case "path":
        return [this.pathTo(unit.element)];
      default:
        return [];
    }
  }

  private labelAt(piece: number): string | null {
    const held = this.labels[piece];
    if (held !== undefined) return held;
    const label = labelOf(this.pieces[piece] ?? "");
    if (piece >= 0) this.labels[piece] = label;
    return label;
  }

  private namesAt(from: number): string[] {
    const names: string[] = [];
    let element = this.index.elements[from];
    for (let up = 0; element !== undefined && up <= NAMES_UP; up++) {
      for (const name of element.names) if (!names.includes(name)) names.push(name);
      element = this.index.elements[element.parent];
    }
    return names;
  }

  private pathTo(from: number): string {
    let path = "";
    let element = this.index.elements[from];
    for (let up = 0; element !== undefined && up < PATH; up++) {
      path = path === "" ? element.tag : `${element.tag}>${path}`;
      element = this.index.elements[element.parent];
    }
    return path;
  }
}

function listed(label: string | null): string[] {
  return label === null ? [] : [label];
}

/** A text as a label: lower case, without its colon; null when it can be none. */
function labelOf(text: string): string | null {
  if (text === "" || text.length > LONGEST_LABEL) return null;
  const label = fold(text).replace(/^[\s•·*|–-]+|[\s:：*|–-]+$/gu, "");
  return /\p{L}/u.test(label) ? label : null;
}
