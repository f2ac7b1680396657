/** A word of a text with the form in which it is looked up. */
export interface Token {
  /** As it is written: "F-150", "5.7L". */
  text: string;
  /** Lower-case letters and digits only: "f150", "57l". */
  key: string;
  /** Where it starts and ends in the text. */
  at: number;
  end: number;
}

const WORD = /[\p{L}\d](?:[\p{L}\d]|['’.\/&+-](?=[\p{L}\d]))*\+?/gu;

/** Splits a text into words; hyphens, dots and slashes inside a word stay in it. At most `most`. */
export function tokensOf(text: string, most = 2_000): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = match[0];
    tokens.push({ text: word, key: keyOf(word), at: match.index, end: match.index + word.length });
    if (tokens.length >= most) break;
  }
  return tokens;
}

/** The form in which names are compared: without case, spaces, hyphens and accents. */
export function keyOf(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/[^\p{L}\d]+/gu, "");
}

/**
 * Whether two words differ by so little that one is a slip of the other ("Frontoer", "Frontier"):
 * by two edits where the shorter has at least `long` letters, else by one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(nearlySame("frontoer", "frontier"));
 * assert.ok(!nearlySame("fusion", "vision"));
 * ```
 */
export function nearlySame(one: string, other: string, long = 7): boolean {
  const most = Math.min(one.length, other.length) >= long ? 2 : 1;
  if (Math.min(one.length, other.length) < 5 || one[0] !== other[0]) return false;
  if (Math.abs(one.length - other.length) > most || /\d/.test(one + other)) return false;
  return distance(one, other, most) <= most;
}

/** Edits (insert, drop, replace, swap neighbours) between two words; above `most` it stops counting. */
function distance(one: string, other: string, most: number): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    if (Math.min(...next) > most) return most + 1;
    [before, row] = [row, next];
  }
  return row[other.length] ?? most + 1;
}
