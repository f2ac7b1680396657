import { isBounded } from "./text.ts";
import type { FactValue, Reading, TypeReader } from "./type.ts";

/** What may part the groups of a code and is no part of it. */
const SEPARATORS = /[\s\-‐‑–.]/g;
/** What can be a code within a text: letters and digits, with separators between. */
const TOKEN =
  /(?<![\p{L}\d])\d{1,7}(?:[ \-‐‑–]\d{1,7}){1,5}(?:[ \-‐‑–][Xx])?(?![\p{L}\d])|[\p{L}\d](?:[\p{L}\d/_]|[-‐‑–.](?=[\p{L}\d]))*/gu;
const LONGEST = 64;

function normal(value: FactValue): string | null {
  const bare = String(value).replace(SEPARATORS, "").toUpperCase();
  return bare === "" || bare.length > LONGEST ? null : bare;
}

/** Codes and numbers that count nothing: case, blanks, dashes and dots do not count. */
export const code: TypeReader = {
  normal,
  find(text, normal) {
    // Most texts fail this.
    if (!text.replace(SEPARATORS, "").toUpperCase().includes(normal)) return [];
    const places: number[] = [];
    let bare = "";
    for (let at = 0; at < text.length; at++) {
      const character = text[at] ?? "";
      if (/[\s\-‐‑–.]/.test(character)) continue;
      const upper = character.toUpperCase();
      bare += upper.length === 1 ? upper : character;
      places.push(at);
    }
    const found: Reading[] = [];
    for (let at = bare.indexOf(normal); at >= 0; at = bare.indexOf(normal, at + 1)) {
      const start = places[at] ?? 0;
      const end = (places[at + normal.length - 1] ?? 0) + 1;
      if (isBounded(text, start, end)) found.push({ start, end, normal });
      if (found.length >= 3) break;
    }
    return found;
  },
  read(text) {
    return [...text.matchAll(TOKEN)].flatMap((match) => {
      const value = normal(match[0]);
      if (value === null) return [];
      return [{ start: match.index, end: match.index + match[0].length, normal: value }];
    });
  },
};

/** What the codes of a field have in common: how long they are, and of what. */
interface CodeShape {
  lengths: number[];
  letters: "all" | "some" | "none";
  /** The first characters that all have in common: "978". */
  prefix: string;
}

/**
 * The shape of known codes; null when there is none. Two may begin alike by chance: a prefix shows
 * from three on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const shape = { lengths: [13], letters: "none", prefix: "9780" } as const;
 * assert.deepEqual(shapeOf(["9780132350884", "9780201633610", "9780321146533"]), shape);
 * ```
 */
export function shapeOf(normals: readonly string[]): CodeShape | null {
  const [first] = normals;
  if (first === undefined) return null;
  const lengths = [...new Set(normals.map((one) => one.length))].sort((a, b) => a - b);
  const withLetters = normals.filter((one) => /\p{L}/u.test(one)).length;
  const onlyLetters = normals.every((one) => !/\d/.test(one));
  let shared = first.length;
  for (const one of normals) {
    while (!one.startsWith(first.slice(0, shared))) shared--;
  }
  return {
    lengths,
    letters: onlyLetters ? "all" : withLetters > 0 ? "some" : "none",
    prefix: normals.length < 3 ? "" : first.slice(0, Math.min(shared, 4)),
  };
}

/** Whether a code, in its comparable form, could be one of these. */
export function fitsShape(normal: string, shape: CodeShape): boolean {
  const shortest = shape.lengths[0] ?? 0;
  const longest = shape.lengths.at(-1) ?? 0;
  // Codes of one or two lengths are of a standard; of many, they are of a site's own making.
  const fits = shape.lengths.length <= 2
    ? shape.lengths.includes(normal.length)
    : normal.length >= shortest && normal.length <= longest;
  if (!fits) return false;
  if (shape.letters === "none") return /^\d+$/.test(normal);
  return shape.letters === "all" ? !/\d/.test(normal) : /\d/.test(normal);
}
