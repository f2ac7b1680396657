import { z } from "zod";

/**
 * Lets parameters be given under a second spelling too: `{ batchSize: "batch_size" }`. Both may be
 * given when they say the same; two different values are a mistake, told at the second spelling.
 */
export function withAliases<T>(schema: z.ZodType<T>, aliases: Readonly<Record<string, string>>) {
  return z.preprocess((body, context) => {
    if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
    const given: Record<string, unknown> = { ...body };
    for (const [alias, name] of Object.entries(aliases)) {
      if (!Object.hasOwn(given, alias)) continue;
      if (Object.hasOwn(given, name) && given[name] !== given[alias]) {
        context.addIssue({
          code: "custom",
          path: [alias],
          message: `${alias} and ${name} are the same parameter: give one, or both alike`,
        });
        return z.NEVER;
      }
      given[name] = given[alias];
      delete given[alias];
    }
    return given;
  }, schema);
}
