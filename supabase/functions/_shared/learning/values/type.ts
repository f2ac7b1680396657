/** What a field can be. A type says when two values are the same, and where a text holds one. */
export const FIELD_TYPES = ["text", "number", "money", "code", "date"] as const;
export type FieldType = typeof FIELD_TYPES[number];

/** A fact as it is held: a number, or text as somebody wrote it. */
export type FactValue = string | number;

/** The character that parts whole from fraction in the numbers of a site. */
export type DecimalMark = "." | ",";
/** How a site writes what can be read in two ways: its decimal mark, or which of 3/4/2021 is the day. */
export type Convention = DecimalMark | "day first" | "month first";

/** A stretch of a text that reads as a value. */
export interface Reading {
  start: number;
  end: number;
  /** The form in which values are compared. */
  normal: string;
  /** The convention that this reading supposes, where another would give another value. */
  convention?: Convention;
}

/** How the values of one type are compared and read. */
export interface TypeReader {
  /** The comparable form of a fact; null when it is no value of this type. */
  normal(value: FactValue): string | null;
  /** Where a text holds the value of this comparable form. */
  find(text: string, normal: string): Reading[];
  /**
   * All values that a text holds, in order. `convention` is the site's where it is known; without it a number
   * that could be two is read as people mostly write it, and a date that could be two gives both.
   */
  read(text: string, convention: Convention | null): Reading[];
}
