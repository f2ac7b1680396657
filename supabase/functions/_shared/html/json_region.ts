/** Longest JSON that is read out of a page, in characters, and its deepest nesting. */
const LONGEST = 4_000_000;
const DEEPEST = 100;
/** After this many damaged elements of an array the rest is given up: it bounds the work. */
const MOST_SPOILED = 20;

/** A JSON value of unknown shape; readers narrow it with the functions below. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/**
 * The end (exclusive) of the object or array that opens at `at`, by matching brackets outside
 * strings; -1 when it never closes, is nested deeper than any real one, or is too long.
 */
export function bracketsEnd(text: string, at: number, longest = LONGEST): number {
  const end = Math.min(text.length, at + longest);
  let depth = 0;
  for (let i = at; i < end; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = stringEnd(text, i, end);
        if (i < 0) return -1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > DEEPEST) return -1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (--depth === 0) return i + 1;
        if (depth < 0) return -1;
    }
  }
  return -1;
}

/** Index of the quote that closes the string opened at `at`; -1 when none does. */
function stringEnd(text: string, at: number, end: number): number {
  for (let close = text.indexOf('"', at + 1); close >= 0 && close < end;) {
    let slashes = 0;
    while (text.charCodeAt(close - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return close;
    close = text.indexOf('"', close + 1);
  }
  return -1;
}

/** Parses JSON, also with the slips of hand-written script data; `undefined` when it is none. */
export function parseJson(text: string): Json | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Damaged: the mended form is tried, then the region counts as unreadable.
  }
  try {
    return JSON.parse(mended(text)) as Json;
  } catch {
    return undefined;
  }
}

/** Raw control characters, bad escapes, trailing commas and `undefined`, as they stand in real script data. */
function mended(text: string): string {
  return text
    .replace(/\\\\|\\(?!["/bfnrt]|u[\da-f]{4})/gi, (slashes) => slashes === "\\\\" ? slashes : "")
    .replace(/\p{Cc}+/gu, " ")
    .replace(/\bundefined\b(?=\s*[,}\]])/g, "null")
    .replace(/,(?=\s*[}\]])/g, "");
}

/**
 * The object or array assigned to a script variable (`var NAME = {…}`), searched from `from` on;
 * `undefined` when there is none or it is damaged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<script>var state = {"bids": [1, 2,], "next": undefined};</script>`;
 * assert.deepEqual(scriptVariable(html, "state"), { bids: [1, 2], next: null });
 * ```
 */
export function scriptVariable(html: string, name: string, from = 0): Json | undefined {
  const at = scriptVariableAt(html, name, from);
  if (at < 0) return undefined;
  const end = bracketsEnd(html, at);
  return end < 0 ? undefined : parseJson(html.slice(at, end));
}

/** Where the object or array assigned to a script variable opens; -1 when there is none. */
function scriptVariableAt(html: string, name: string, from = 0): number {
  const mark = `var ${name}`;
  for (let at = html.indexOf(mark, from); at >= 0; at = html.indexOf(mark, at + mark.length)) {
    const open = /^\s*=\s*[[{]/.exec(html.slice(at + mark.length, at + mark.length + 20));
    if (open !== null) return at + mark.length + open[0].length - 1;
  }
  return -1;
}

/**
 * The elements of an array that opens at `at`, each parsed by itself, so that a damaged or cut-off
 * one costs no other. `whole` says that every one was read and the array was closed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(arrayItems('[{"id":1},{"id":2},{"id":', 0), {
 *   items: [{ id: 1 }, { id: 2 }],
 *   whole: false,
 * });
 * ```
 */
export function arrayItems(
  text: string,
  at: number,
  most = 20_000,
): { items: Json[]; whole: boolean } {
  const items: Json[] = [];
  let next = at + 1;
  let spoiled = 0;
  while (items.length < most && spoiled <= MOST_SPOILED) {
    const open = /[^\s,]/g;
    open.lastIndex = next;
    const start = open.exec(text)?.index;
    if (start === undefined) return { items, whole: false };
    const first = text[start];
    if (first === "]") return { items, whole: spoiled === 0 };
    if (first !== "{" && first !== "[") return { items, whole: false };
    const end = bracketsEnd(text, start, 1_000_000);
    const item = end < 0 ? undefined : parseJson(text.slice(start, end));
    if (item !== undefined) items.push(item);
    else spoiled++;
    if (end >= 0) {
      next = end;
      continue;
    }
    const resume = text.indexOf('},{"', start + 1);
    if (resume < 0) return { items, whole: false };
    next = resume + 1;
  }
  return { items, whole: false };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property of an object as an object; an empty one when it is none. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** A property of an object as a number that is not below zero; `null` when it is none. */
export function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** A property of an object as text: strings and numbers, trimmed; `null` when absent or empty. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" ? null : text;
}
