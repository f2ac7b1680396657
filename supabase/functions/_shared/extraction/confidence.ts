import type { ReadingWay } from "../domain/fact.ts";

interface Row {
  /** Confidence of a value read this way and compared with nothing. */
  alone: number;
  /** The same when it passed a check of its own: a check digit, the site's own other record. */
  checked: number;
  why: string;
}

/**
 * How sure a value is by the way it was read. More than 0.9 means: right 99 times of 100.
 * `extraction/fact_book.ts` raises what a second place on the page confirms and lowers what it denies.
 */
export const CONFIDENCE: Readonly<Record<ReadingWay, Row>> = {
  record: {
    alone: 0.97,
    checked: 0.99,
    why: "the site's own record of the fact, kept for itself: the entry that closed an auction",
  },
  labelled: {
    alone: 0.95,
    checked: 0.99,
    why: "stands behind its own label: 'Chassis: …', 'Location: …'",
  },
  structured: {
    alone: 0.92,
    checked: 0.98,
    why: "marked up for machines; sites fill it from their stock system, and sometimes wrongly",
  },
  title: {
    alone: 0.92,
    checked: 0.97,
    why: "written by hand in a known order: year, make, model",
  },
  unlabelled: {
    alone: 0.92,
    checked: 0.96,
    why: "a line without a label that has the form of only one field",
  },
  prose: {
    alone: 0.6,
    checked: 0.85,
    why: "a sentence that may speak of another car, a former state or a part",
  },
  learned: {
    alone: 0.9,
    checked: 0.9,
    why:
      "by a rule of an extraction map that was right on 29 pages held out; each rule has its own",
  },
  generated: {
    alone: 0.6,
    checked: 0.6,
    why: "written by a rule or a model from other facts: just counts, and yields to any source",
  },
};

/** Nothing that is read off a page is surer than this. */
export const MOST = 0.99;

/** Factors for what makes a value less sure than the way it was read. */
export const DOUBT = {
  /** Odometer "shown", no more claimed: it may have been changed long ago. */
  shownOnly: 0.8,
  /** "TMU", a rolled or replaced odometer: the figure is not the car's mileage. */
  knownUntrue: 0.45,
  /** A 17-character VIN whose check digit is wrong where the law asks for it. */
  badCheckDigit: 0.5,
  /** The same where the maker may not use it (Europe, Japan). */
  unusedCheckDigit: 0.94,
  /** Held though it can hardly be: another place of the page, or what is known of cars, speaks against it. */
  unlikely: 0.45,
  /** A character was repaired, though the check digit fits since. */
  repaired: 0.85,
  /** Two parts of the page name it differently. */
  contradicted: 0.8,
  /** Where a model's name ends and its trim begins, people draw the line differently. */
  drawnLine: 0.85,
  /** Names known to the reader are surer than words standing in their place. */
  unknownName: 0.85,
} as const;
