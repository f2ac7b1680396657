import { z } from "zod";
import {
  FIELD_TYPES,
  type FieldType,
} from "../../supabase/functions/_shared/learning/values/type.ts";

/** Bad input: said in one line, without a stack. */
export class UsageError extends Error {}

const line = z.object({
  file: z.string().min(1),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
/** One page and what is known of it. */
type FactsLine = z.infer<typeof line>;

/** The lines of a FACTS file; empty lines are passed over. */
export function readFacts(text: string, name: string): FactsLine[] {
  const seen = new Set<string>();
  return text.split("\n").flatMap((written, at) => {
    if (written.trim() === "") return [];
    const where = `${name}, line ${at + 1}`;
    const read = line.safeParse(parsed(written, where));
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new UsageError(`${where}: ${issue?.path.join(".") || "the line"}: ${issue?.message}`);
    }
    if (seen.has(read.data.file)) throw new UsageError(`${where}: ${read.data.file} once more`);
    seen.add(read.data.file);
    return [read.data];
  });
}

function parsed(written: string, where: string): unknown {
  try {
    return JSON.parse(written);
  } catch (error) {
    throw new UsageError(`${where}: no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** `--type FIELD=TYPE`, each as it was given, as types by field. */
export function readTypes(
  given: readonly string[],
  fields: ReadonlySet<string>,
): Record<string, FieldType> {
  return Object.fromEntries(given.map((one) => {
    const [field = "", written = ""] = one.split("=");
    const type = FIELD_TYPES.find((known) => known === written);
    if (type === undefined) {
      throw new UsageError(`--type ${one}: a type is one of ${FIELD_TYPES.join(", ")}`);
    }
    if (!fields.has(field)) throw new UsageError(`--type ${one}: no fact is called ${field}`);
    return [field, type];
  }));
}
