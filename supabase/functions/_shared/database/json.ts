import type { Json } from "./database.types.ts";

/** A NUL, or half of a surrogate pair, as `JSON.stringify` writes it. */
const REFUSED = /\\u(?:0000|d[89a-f])/;

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [String(clean(key)), clean(held)]),
  );
}

/**
 * A value as an argument of type jsonb. TypeScript cannot see that an interface is JSON; each caller's type
 * holds only what `JSON.stringify` writes, and SQL checks what it gets. Postgres refuses characters that
 * pages may hold, and with one text the whole batch: they are left out here, for every writer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(asJson({ title: "1990 BMW\0 M3" }), { title: "1990 BMW M3" });
 * ```
 */
export function asJson(value: readonly object[] | Record<string, unknown>): Json {
  return (REFUSED.test(JSON.stringify(value)) ? clean(value) : value) as Json;
}
