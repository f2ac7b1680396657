import { keyOf } from "../../vehicle/tokens.ts";

/**
 * The same words but for case and marks, where one may say more than the other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(sameWords("911 Carrera 4S", "911 carrera"));
 * assert.ok(!sameWords("911", "944"));
 * assert.ok(!sameWords(null, "944"));
 * ```
 */
export function sameWords(one: string | number | null, other: string | number | null): boolean {
  const [a, b] = [keyOf(String(one ?? "")), keyOf(String(other ?? ""))];
  return a !== "" && b !== "" && (a.includes(b) || b.includes(a));
}
