import type { Json } from "./database.types.ts";

/**
 * A value as an argument of type jsonb. TypeScript cannot see that an interface is JSON; each caller's type
 * holds only what `JSON.stringify` writes, and SQL checks what it gets.
 */
export function asJson(value: readonly object[] | Record<string, unknown>): Json {
  return value as Json;
}
