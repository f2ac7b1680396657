import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import { beyondLimits, type Mistake, MOST_MISTAKES, shortened } from "./json_limits.ts";

/** A request that cannot be served as it is; the answer is a 400 with its mistakes. */
export class BadRequest extends Error {
  /** At most 20, each short enough to be shown. */
  readonly mistakes: readonly Mistake[];

  /** @param mistakes all of them; the message says how many are left out. */
  constructor(message: string, mistakes: readonly Mistake[] = [], readonly status = 400) {
    const more = mistakes.length - MOST_MISTAKES;
    super(shortened({ path: "", message }).message + (more > 0 ? ` (and ${more} more)` : ""));
    this.name = "BadRequest";
    this.mistakes = mistakes.slice(0, MOST_MISTAKES).map(shortened);
  }
}

/** A larger body is refused as soon as that is known: by its announced length, or after so many bytes. */
const MAX_BODY_BYTES = 256 * 1024;

async function readText(request: Request): Promise<string> {
  const tooLarge = () => new BadRequest(`the body is larger than ${MAX_BODY_BYTES} bytes`, [], 413);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let size = 0;
  let text = "";
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    text += decoded(() => decoder.decode(chunk, { stream: true }));
  }
  return text + decoded(() => decoder.decode());
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new BadRequest("the body is not UTF-8");
  }
}

/**
 * The body of a request, checked against what every body must keep to and a schema; an empty body
 * counts as `{}`.
 * @throws BadRequest with the path of each mistake.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * import { z } from "zod";
 *
 * const schema = z.strictObject({ batch_size: common.batchSize(20, 50), dry_run: common.dryRun });
 * const post = (body: string) => new Request("http://localhost/", { method: "POST", body });
 * assert.deepEqual(await readBody(post(""), schema), { batch_size: 20, dry_run: false });
 *
 * const refused = await readBody(post('{"batch_size": 51}'), schema).catch((error) => error);
 * assert.ok(refused instanceof BadRequest);
 * assert.equal(refused.mistakes[0]?.path, "batch_size");
 * ```
 */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(request);
  let json: unknown;
  try {
    json = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const beyond = beyondLimits(json);
  if (beyond.length > 0) throw new BadRequest("the body does not fit: see mistakes", beyond);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new BadRequest(
    "the body does not fit: see mistakes",
    parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })),
  );
}

/** Fields that most functions take. */
export const common = {
  vehicleIds: z.array(uuid).min(1).max(100),
  batchSize: (preset: number, most: number) => z.int().min(1).max(most).default(preset),
  /** Milliseconds; a hosted function must answer within 150 s. */
  maxRuntimeMs: z.int().min(1_000).max(120_000).default(30_000),
  dryRun: z.boolean().default(false),
  /** Answer 202 at once and work on: for a caller that does not wait. */
  background: z.boolean().default(false),
};
