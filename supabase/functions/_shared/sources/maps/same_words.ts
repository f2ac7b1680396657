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
  const [a, b] = [plain(one), plain(other)];
  return a !== "" && b !== "" && (a.includes(b) || b.includes(a));
}

function plain(value: string | number | null): string {
  return String(value ?? "").toLowerCase().normalize("NFKD").replace(/[^\p{L}\d]+/gu, "");
}
