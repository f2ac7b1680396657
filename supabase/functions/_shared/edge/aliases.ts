import { z } from "zod";

/**
 * Lets parameters be given under a second spelling too: `{ batchSize: "batch_size" }`. Both may be
 * given when they say the same; two different values are a mistake. Mistakes are reported under the
 * spelling that was used.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * import { z } from "zod";
 *
 * const schema = withAliases(z.strictObject({ batch_size: z.int() }), { batchSize: "batch_size" });
 * assert.deepEqual(schema.parse({ batchSize: 5 }), { batch_size: 5 });
 * assert.equal(schema.safeParse({ batchSize: 5, batch_size: 6 }).success, false);
 * ```
 */
export function withAliases<T>(
  schema: z.ZodType<T>,
  aliases: Readonly<Record<string, string>>,
): z.ZodType<T> {
  return z.unknown().transform((body, context): T => {
    const mistake = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const { given, spelled, torn } = unaliased(body, aliases);
    for (const [alias, name] of torn) {
      mistake([alias], `${alias} and ${name} are the same parameter: give one, or both alike`);
    }
    const parsed = schema.safeParse(given);
    for (const { path: [first, ...rest], message } of parsed.error?.issues ?? []) {
      mistake(first === undefined ? [] : [spelled.get(first) ?? first, ...rest], message);
    }
    return parsed.success && torn.length === 0 ? parsed.data : z.NEVER;
  });
}

function unaliased(body: unknown, aliases: Readonly<Record<string, string>>) {
  const spelled = new Map<PropertyKey, string>();
  const torn: [alias: string, name: string][] = [];
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { given: body, spelled, torn };
  }
  const given: Record<string, unknown> = { ...body };
  for (const [alias, name] of Object.entries(aliases)) {
    if (!Object.hasOwn(given, alias)) continue;
    if (!Object.hasOwn(given, name)) {
      given[name] = given[alias];
      spelled.set(name, alias);
    } else if (given[name] !== given[alias]) torn.push([alias, name]);
    delete given[alias];
  }
  return { given, spelled, torn };
}
