import { elementWith } from "./regions.ts";
import { bracketsEnd, isObject, type Json, type JsonObject, parseJson } from "./json_region.ts";

const MOST_CHUNKS = 2_000;
const CHUNK = "self.__next_f.push([1,";

/**
 * The JSON inside `<script id="…">` (`__NEXT_DATA__`, a page's state); `undefined` when there is
 * no such element, or when it is cut off or damaged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = `<script id="__NEXT_DATA__" type="application/json">{"make":"BMW"}</script>`;
 * assert.deepEqual(scriptJson(html, "__NEXT_DATA__"), { make: "BMW" });
 * ```
 */
export function scriptJson(html: string, id: string): Json | undefined {
  for (const quote of ['"', "'"]) {
    const element = elementWith(html, `id=${quote}${id}${quote}`, 0, 4_000_000);
    const open = element.indexOf(">");
    const close = element.toLowerCase().lastIndexOf("</script");
    if (open >= 0 && close > open) return parseJson(element.slice(open + 1, close).trim());
  }
  return undefined;
}

/**
 * The JSON rows that Next.js streams into a page (`self.__next_f.push([1,"7:[…]\n…"])`), each
 * parsed by itself; rows of another kind (text, imports) and damaged ones are left out.
 */
export function streamedRows(html: string): Json[] {
  const parts: string[] = [];
  let at = html.indexOf(CHUNK);
  for (let count = 0; at >= 0 && count < MOST_CHUNKS; count++) {
    const end = bracketsEnd(html, at + "self.__next_f.push(".length);
    const chunk = end < 0 ? undefined : parseJson(html.slice(at + CHUNK.length, end - 1));
    if (typeof chunk === "string") parts.push(chunk);
    at = html.indexOf(CHUNK, end < 0 ? at + CHUNK.length : end);
  }
  const rows: Json[] = [];
  for (const line of parts.join("").split("\n")) {
    const row = /^[\da-f]{1,6}:(?=[[{])/i.exec(line);
    const value = row === null ? undefined : parseJson(line.slice(row[0].length));
    if (value !== undefined) rows.push(value);
  }
  return rows;
}

/** An object found inside a JSON value, with the keys that lead to it ("vdp.listing", "items.3"). */
export interface PlacedObject {
  value: JsonObject;
  path: string;
}

const MOST_OBJECTS = 50_000;

/**
 * Every object of a JSON value that `wanted` says yes to, outermost first, without recursion.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const found = objectsIn({ page: { listing: { vin: "1" } } }, (one) => "vin" in one);
 * assert.deepEqual(found, [{ value: { vin: "1" }, path: "page.listing" }]);
 * ```
 */
export function objectsIn(
  root: Json | undefined,
  wanted: (value: JsonObject) => boolean,
): PlacedObject[] {
  const found: PlacedObject[] = [];
  let level: { value: Json; path: string }[] = root === undefined
    ? []
    : [{ value: root, path: "" }];
  for (let seen = 0; level.length > 0 && seen < MOST_OBJECTS;) {
    const next: typeof level = [];
    for (const { value, path } of level) {
      if (typeof value !== "object" || value === null || ++seen > MOST_OBJECTS) continue;
      if (isObject(value) && wanted(value)) found.push({ value, path });
      for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === "object" && inner !== null && path.length < 500) {
          next.push({ value: inner, path: path === "" ? key : `${path}.${key}` });
        }
      }
    }
    level = next;
  }
  return found;
}
