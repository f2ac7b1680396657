import {
  type Fact,
  type Facts,
  type FieldName,
  type FieldValue,
  fieldValue,
  type ReadingWay,
} from "../domain/fact.ts";
import { shorten } from "../domain/text.ts";
import { CONFIDENCE, MOST } from "./confidence.ts";

interface Reading {
  value: string | number;
  way: ReadingWay;
  confidence: number;
  evidence: string;
}

interface AddOptions {
  /** The value passed a check of its own. */
  checked?: boolean;
  /** Factor for a reason of `DOUBT`, below 1; for a rule that was learned, its own confidence beside the row's. */
  doubt?: number;
}

/** An agreeing second place counts half: both were often written by the same hand. */
const AGREEMENT = 0.5;
/** A disagreeing place takes away this part of its own confidence. */
const DISAGREEMENT = 0.3;

/**
 * Collects what the places of one page say of each field and settles on one value: the surest,
 * raised where another place agrees and lowered where one disagrees. A value that is not of the
 * field's form is dropped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const facts = new FactBook();
 * facts.add("year", 1988, "title", 'title "1988 BMW M5"');
 * facts.add("year", 1988, "labelled", "Model year: 1988");
 * const { value, confidence } = facts.all().year ?? {};
 * assert.deepEqual([value, confidence], [1988, 0.973]);
 * ```
 */
export class FactBook {
  readonly #readings = new Map<FieldName, Reading[]>();

  /** Notes a value read somewhere on the page; `null` and `undefined` are no value. */
  add<F extends FieldName>(
    field: F,
    value: FieldValue<F> | null | undefined,
    way: ReadingWay,
    evidence: string,
    options: AddOptions = {},
  ): void {
    if (value === null || value === undefined) return;
    const parsed = fieldValue[field].safeParse(value);
    if (!parsed.success) return;
    const row = CONFIDENCE[way];
    const confidence = (options.checked === true ? row.checked : row.alone) * (options.doubt ?? 1);
    const readings = this.#readings.get(field) ?? [];
    readings.push({ value: parsed.data, way, confidence, evidence: shorten(evidence, 300) });
    this.#readings.set(field, readings);
  }

  has(field: FieldName): boolean {
    return this.#readings.has(field);
  }

  /** The value that now stands for a field, before the page is read to its end. */
  value<F extends FieldName>(field: F): FieldValue<F> | null {
    const readings = this.#readings.get(field);
    return readings === undefined ? null : settled(readings).value as FieldValue<F>;
  }

  /** Each field with the value that stands for it. */
  all(): Facts {
    const facts: { [F in FieldName]?: Fact } = {};
    for (const [field, readings] of this.#readings) facts[field] = settled(readings);
    return facts as Facts;
  }
}

function settled(readings: readonly Reading[]): Fact {
  const best = readings.reduce((one, other) => other.confidence > one.confidence ? other : one);
  let confidence = best.confidence;
  const places = [best.evidence];
  for (const other of readings) {
    if (other === best) continue;
    if (agree(best.value, other.value)) {
      const raised = 1 - (1 - confidence) * (1 - AGREEMENT * other.confidence);
      confidence = Math.max(confidence, Math.min(raised, MOST));
      if (other.evidence !== best.evidence) places.push(other.evidence);
    } else {
      confidence = Math.max(confidence - DISAGREEMENT * other.confidence, 0.1);
      places.push(`but ${other.evidence}`);
    }
  }
  return {
    value: best.value,
    confidence: Math.round(confidence * 1000) / 1000,
    evidence: shorten(places.join("; "), 600),
    way: best.way,
  } as Fact;
}

/** Same number; or the same words, where one text may say more than the other. */
function agree(one: string | number, other: string | number): boolean {
  if (typeof one === "number" || typeof other === "number") return one === other;
  const [a, b] = [plain(one), plain(other)];
  return a === b || (a !== "" && b !== "" && (a.includes(b) || b.includes(a)));
}

function plain(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/(\d)[\s-]?lit(?:er|re)s?\b/g, "$1l").replace(
    /[^\p{L}\d]+/gu,
    "",
  );
}
