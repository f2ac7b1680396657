import type { Fact, Facts, ReadingWay } from "../domain/extraction.ts";
import { type FieldName, type FieldValue, fieldValue } from "../domain/fact.ts";
import { shorten } from "../domain/text.ts";
import { CONFIDENCE, MOST } from "./confidence.ts";

interface Offer {
  value: string | number;
  way: ReadingWay;
  confidence: number;
  evidence: string;
}

interface OfferOptions {
  /** The value passed a check of its own. */
  checked?: boolean;
  /** Factor below 1 for a reason of `DOUBT`. */
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
 */
export class FactBook {
  readonly #offers = new Map<FieldName, Offer[]>();

  /** Notes a value read somewhere on the page; `null` and `undefined` are no value. */
  offer<F extends FieldName>(
    field: F,
    value: FieldValue<F> | null | undefined,
    way: ReadingWay,
    evidence: string,
    options: OfferOptions = {},
  ): void {
    if (value === null || value === undefined) return;
    const parsed = fieldValue[field].safeParse(value);
    if (!parsed.success) return;
    const row = CONFIDENCE[way];
    const confidence = (options.checked === true ? row.checked : row.alone) * (options.doubt ?? 1);
    const offers = this.#offers.get(field) ?? [];
    offers.push({ value: parsed.data, way, confidence, evidence: shorten(evidence, 300) });
    this.#offers.set(field, offers);
  }

  has(field: FieldName): boolean {
    return this.#offers.has(field);
  }

  /** The value that now stands for a field, before the page is read to its end. */
  value<F extends FieldName>(field: F): FieldValue<F> | null {
    const offers = this.#offers.get(field);
    return offers === undefined ? null : settle(offers).value as FieldValue<F>;
  }

  facts(): Facts {
    const facts: { [F in FieldName]?: Fact } = {};
    for (const [field, offers] of this.#offers) facts[field] = settle(offers);
    return facts as Facts;
  }
}

function settle(offers: readonly Offer[]): Fact {
  const best = offers.reduce((one, other) => other.confidence > one.confidence ? other : one);
  let confidence = best.confidence;
  const places = [best.evidence];
  for (const other of offers) {
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
