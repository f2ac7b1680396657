/**
 * Some of a list, from all over it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(spread([1, 2, 3, 4, 5, 6], 3), [1, 3, 5]);
 * assert.deepEqual(spread([1, 2], 3), [1, 2]);
 * ```
 */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, n) => all[Math.floor(n * all.length / most)] as T);
}
