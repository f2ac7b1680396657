import { tidy } from "../../domain/text.ts";
import { decodeEntities } from "../../html/entities.ts";
import { attributeIn } from "../../html/regions.ts";
import {
  classesOf,
  impliedEnds,
  isHidden,
  isInline,
  namesOf,
  type OpenElement,
  VOID,
} from "./elements.ts";
import { Shingles, type Sketch } from "./shingles.ts";
import { TableColumns } from "./table_columns.ts";
import { readTags } from "./tags.ts";

/** An element of a page that texts stand in. */
interface IndexedElement {
  tag: string;
  /** Number of the element around it; -1 at the top. */
  parent: number;
  names: string[];
}

/** A text of a page that could be a value. */
export interface Unit {
  /**
   * `piece`: what stands between two tags. `line`: what a reader sees as one line, over inline tags.
   * `attribute`: what a named element states beside its text. `meta`: a meta tag.
   */
  kind: "piece" | "line" | "attribute" | "meta";
  text: string;
  /** Number of the element that holds it. */
  element: number;
  /** Number of its first piece; of a meta tag and an attribute, of the piece that follows. */
  piece: number;
  /** A piece that is a line by itself. */
  whole?: true;
  /** The heading of its column, where it stands in a table that has headings. */
  header?: string;
  /** The name of a meta tag or an attribute. */
  name?: string;
}

/** The texts of one page, where each stands, and the page's template as a sketch. JSON. */
export interface PageIndex {
  elements: IndexedElement[];
  units: Unit[];
  sketch: Sketch;
}

const MOST_ELEMENTS = 20_000;
const MOST_UNITS = 8_000;
const MOST_TAGS = 100_000;
const MOST_DEPTH = 6_000;
/** Of a longer text, the beginning: no rule is learned for essays. */
const LONGEST_TEXT = 600;
/** Attributes that state a value: schema.org's microdata and HTML's own. */
const STATED = ["content", "datetime", "value"] as const;

/**
 * Indexes the texts of a page in one pass. Comments, scripts, styles, and what is not shown are no
 * texts. Bounded whatever the page: of 8 MB, 100,000 tags and 8,000 texts it reads no more.
 */
export function indexPage(html: string): PageIndex {
  const builder = new IndexBuilder();
  readTags(html, builder);
  return builder.finish();
}

class IndexBuilder {
  private readonly elements: IndexedElement[] = [];
  private readonly units: Unit[] = [];
  private readonly stack: OpenElement[] = [];
  private readonly shingles = new Shingles();
  private readonly columns = new TableColumns();
  /** Open elements deeper than are kept. */
  private beyond = 0;
  private pieces = 0;
  private tags = 0;
  private parts: string[] = [];
  private linePieces = 0;
  private lineDepth = 0;
  private lineFrom = 0;
  /** The innermost element that holds all of the line so far. */
  private lineElement = -1;
  private lowest = 0;

  isFull(): boolean {
    return this.tags > MOST_TAGS || this.units.length >= MOST_UNITS;
  }

  open(tag: string, attributes: string, empty: boolean): void {
    this.tags++;
    this.pop(impliedEnds(this.stack, tag));
    if (!isInline(tag)) this.endLine();
    const classes = classesOf(attributes);
    const names = namesOf(tag, attributes, classes);
    const top = this.stack.at(-1);
    this.shingles.add([...this.stack.slice(-2).map((open) => open.tag), tag], classes);
    const hidden = (top?.hidden ?? false) || isHidden(tag, attributes, classes);
    let id = top?.id ?? -1;
    if (this.elements.length < MOST_ELEMENTS) {
      id = this.elements.length;
      this.elements.push({ tag, parent: top?.id ?? -1, names });
    }
    this.addStated(tag, attributes, names, id, hidden);
    if (VOID.has(tag) || empty) return;
    if (this.stack.length >= MOST_DEPTH) this.beyond++;
    else {
      this.stack.push({ tag, id, hidden });
      this.columns.open(tag);
    }
  }

  close(tag: string): void {
    if (!isInline(tag)) this.endLine();
    if (this.beyond > 0) {
      this.beyond--;
      return;
    }
    // One that was never opened closes nothing; how far up it is looked for is bounded.
    const lowest = Math.max(0, this.stack.length - 40);
    for (let depth = this.stack.length - 1; depth >= lowest; depth--) {
      if (this.stack[depth]?.tag !== tag) continue;
      this.pop(this.stack.length - depth);
      return;
    }
  }

  text(raw: string): void {
    const top = this.stack.at(-1);
    if (top === undefined || top.hidden) return;
    // A bounded part is decoded: entities and spaces are longer than what they stand for.
    const text = decodeEntities(raw.slice(0, LONGEST_TEXT * 4)).normalize("NFC");
    const piece = tidy(text).slice(0, LONGEST_TEXT);
    if (piece === "") {
      if (this.parts.length > 0) this.parts.push(" ");
      return;
    }
    if (this.linePieces === 0) {
      [this.lineDepth, this.lineFrom] = [this.stack.length, this.pieces];
      this.lowest = this.stack.length;
    }
    this.lineDepth = Math.min(this.lineDepth, this.lowest);
    this.lineElement = this.stack[this.lineDepth - 1]?.id ?? -1;
    this.lowest = this.stack.length;
    this.parts.push(text);
    this.linePieces++;
    if (!/[\p{L}\p{N}]/u.test(piece)) return;
    this.columns.text(piece);
    this.add({ kind: "piece", text: piece, element: top.id, piece: this.pieces++ });
  }

  finish(): PageIndex {
    this.endLine();
    return { elements: this.elements, units: this.units, sketch: this.shingles.sketch() };
  }

  private pop(count: number): void {
    for (let left = count; left > 0; left--) {
      const open = this.stack.at(-1);
      if (open === undefined) return;
      if (!isInline(open.tag)) this.endLine();
      this.stack.pop();
      this.lowest = Math.min(this.lowest, this.stack.length);
      this.columns.close(open.tag);
    }
  }

  private endLine(): void {
    const { parts, linePieces: count } = this;
    [this.parts, this.linePieces] = [[], 0];
    if (count === 0) return;
    if (count === 1) {
      const last = this.units.at(-1);
      if (last?.kind === "piece" && last.piece === this.lineFrom) last.whole = true;
      return;
    }
    const text = tidy(parts.join("")).slice(0, LONGEST_TEXT);
    this.add({ kind: "line", text, element: this.lineElement, piece: this.lineFrom });
  }

  private addStated(
    tag: string,
    attributes: string,
    names: readonly string[],
    id: number,
    hidden: boolean,
  ): void {
    const property = names.some((name) => name.startsWith("itemprop="));
    if (tag === "meta" && !property) {
      const name = attributeIn(attributes, "property") ?? attributeIn(attributes, "name");
      const content = attributeIn(attributes, "content");
      if (name !== null && content !== null) this.addText("meta", name.toLowerCase(), content, id);
      return;
    }
    if (hidden || (!property && tag !== "time" && tag !== "data")) return;
    for (const name of STATED) {
      const stated = attributes.includes(name) ? attributeIn(attributes, name) : null;
      if (stated !== null) this.addText("attribute", name, stated, id);
    }
  }

  private addText(kind: Unit["kind"], name: string, stated: string, element: number): void {
    const text = tidy(stated.slice(0, LONGEST_TEXT * 2).normalize("NFC")).slice(0, LONGEST_TEXT);
    if (text !== "") this.add({ kind, text, element, piece: this.pieces, name });
  }

  private add(unit: Unit): void {
    if (this.units.length >= MOST_UNITS) return;
    const header = unit.kind === "piece" || unit.kind === "line" ? this.columns.header() : null;
    this.units.push(header === null ? unit : { ...unit, header });
  }
}
