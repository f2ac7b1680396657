import { monthOf } from "./months.ts";
import type { Convention, FactValue, Reading, TypeReader } from "./type.ts";

const EDGE = "(?<![\\p{L}\\d])";
const END = "(?![\\p{L}\\d])";
const NAME = "(\\p{L}{3,12}\\.?)";
const OF = "(?:\\s*(?:de|of|\\.)\\s*|[\\s./-]*)";
const DAY = "(\\d{1,2})(?:st|nd|rd|th|er|º|\\.)?";
const YEAR = "([12]\\d{3})";

type Parts = readonly [year: string, month: string, day: string];
interface Form {
  pattern: RegExp;
  convention?: Convention;
  parts(match: RegExpMatchArray): Parts;
}
const at = (match: RegExpMatchArray, index: number) => match[index] ?? "";
const form = (
  pattern: string,
  year: number,
  month: number,
  day: number,
  convention?: Convention,
): Form => ({
  convention,
  pattern: new RegExp(EDGE + pattern + END, "giu"),
  parts: (match) => [at(match, year), at(match, month), day === 0 ? "" : at(match, day)],
});

/** The ways to write a date; an earlier one wins where two begin at the same place. */
const FORMS: readonly Form[] = [
  form(`${YEAR}[-/.](\\d{1,2})[-/.](\\d{1,2})(?:T[\\d:.]+(?:Z|[+-]\\d{2}:?\\d{2})?)?`, 1, 2, 3),
  form(`${YEAR}年\\s?(\\d{1,2})月\\s?(\\d{1,2})日`, 1, 2, 3),
  form(`${DAY}${OF}${NAME}${OF},?\\s*${YEAR}`, 3, 2, 1),
  form(`${NAME}\\s*${DAY},?\\s+${YEAR}`, 3, 1, 2),
  form(`${YEAR},?\\s+${NAME}\\s+${DAY}`, 1, 2, 3),
  form(`(\\d{1,2})\\.\\s?(\\d{1,2})\\.\\s?${YEAR}`, 3, 2, 1),
  // Which of the two is the day, the value that is looked for decides, or the numbers themselves.
  form(`(\\d{1,2})[/-](\\d{1,2})[/-]${YEAR}`, 3, 2, 1, "day first"),
  form(`(\\d{1,2})[/-](\\d{1,2})[/-]${YEAR}`, 3, 1, 2, "month first"),
  form(`${NAME}${OF},?\\s*${YEAR}`, 2, 1, 0),
  form(`${YEAR}-(\\d{2})`, 1, 2, 0),
];

/** What is written as a day, and is none: nor is the month in it one. */
const NO_SUCH_DAY = "";

function normalOf([year, month, day]: Parts): string | null {
  const number = /^\d+$/.test(month) ? Number(month) : monthOf(month);
  if (number === null || number < 1 || number > 12) return null;
  const head = `${year}-${String(number).padStart(2, "0")}`;
  if (day === "") return head;
  const of = Number(day);
  const last = new Date(Date.UTC(Number(year), number, 0)).getUTCDate();
  return of < 1 || of > last ? NO_SUCH_DAY : `${head}-${String(of).padStart(2, "0")}`;
}

function readings(text: string): Reading[] {
  if (!/[12]\d{3}/.test(text)) return [];
  const found: Reading[] = [];
  for (const { pattern, parts, convention } of FORMS) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      const normal = normalOf(parts(match));
      // A month of a date that was read whole is no date by itself; two orders of one date are both kept.
      const within = found.some((one) =>
        one.start <= start && one.end >= end && one.end - one.start > end - start
      );
      if (normal !== null && !within) found.push({ start, end, normal, convention });
    }
  }
  return found.filter(({ normal }) => normal !== NO_SUCH_DAY)
    .map((one, _, dates) => decided(one, dates)).sort((a, b) => a.start - b.start);
}

/** A reading whose twin in the other order is no date, or is the same one, supposes nothing. */
function decided(one: Reading, all: readonly Reading[]): Reading {
  const twin = all.some((other) => other.start === one.start && other.normal !== one.normal);
  const { start, end, normal } = one;
  return twin ? one : { start, end, normal };
}

function normal(value: FactValue): string | null {
  const text = String(value).trim();
  const [first] = readings(text);
  return first !== undefined && first.start === 0 && first.end === text.length
    ? first.normal
    : null;
}

/**
 * Days and months, however they are written. `read` gives both days of "3/4/2021", so that a rule
 * that cannot tell them apart abstains; a comparable form is `2021-04-03` or `2021-04`.
 */
export const date: TypeReader = {
  normal,
  find: (text, normal) => readings(text).filter((one) => one.normal === normal),
  read(text, convention) {
    return readings(text).filter((one) =>
      convention === null || one.convention === undefined || one.convention === convention
    );
  },
};
