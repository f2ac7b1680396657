import { tidy } from "../../domain/text.ts";
import type { FactValue, Reading, TypeReader } from "./type.ts";

const FOLDED: Readonly<Record<string, string>> = {
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
};
const WORD = /[\p{L}\p{N}]/u;
/** A shorter value is found anywhere; it counts only where it is the whole text. */
const SHORTEST_PART = 3;

/**
 * A text as it is compared: case and the forms of quotes and dashes do not count. As long as the text
 * that it is made of, so that a place in the one is a place in the other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(fold("Gatsby’s Girl"), "gatsby's girl");
 * ```
 */
export function fold(text: string): string {
  const plain = text.replace(/[‘’“”„‐‑–—]/g, (mark) => FOLDED[mark] ?? mark);
  const lower = plain.toLowerCase();
  return lower.length === plain.length ? lower : plain;
}

function normal(value: FactValue): string | null {
  const text = fold(tidy(String(value).normalize("NFC")));
  return text === "" ? null : text;
}

/** Whether a stretch begins and ends where words do. */
export function isBounded(text: string, start: number, end: number): boolean {
  const [before, first] = [text[start - 1] ?? "", text[start] ?? ""];
  const [last, after] = [text[end - 1] ?? "", text[end] ?? ""];
  return !(WORD.test(before) && WORD.test(first)) && !(WORD.test(last) && WORD.test(after));
}

/** Words and names: white space, case, quotes and dashes do not count. */
export const text: TypeReader = {
  normal,
  find(text, normal) {
    if (text.length < normal.length) return [];
    const folded = fold(text);
    if (folded === normal) return [{ start: 0, end: text.length, normal }];
    if (normal.length < SHORTEST_PART) return [];
    const found: Reading[] = [];
    for (let at = folded.indexOf(normal); at >= 0; at = folded.indexOf(normal, at + 1)) {
      const end = at + normal.length;
      if (isBounded(folded, at, end)) found.push({ start: at, end, normal });
      if (found.length >= 3) break;
    }
    return found;
  },
  read(text) {
    const start = text.length - text.trimStart().length;
    const end = text.trimEnd().length;
    return end <= start ? [] : [{ start, end, normal: fold(text.slice(start, end)) }];
  },
};
