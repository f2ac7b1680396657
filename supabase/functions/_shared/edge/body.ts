import { z } from "zod";
import { uuid } from "../domain/uuid.ts";

/** One mistake in a request: where it stands and what is wrong. */
export interface Mistake {
  path: string;
  message: string;
}

/** A request that cannot be served as it is; the answer is a 400 with every mistake. */
export class BadRequest extends Error {
  constructor(message: string, readonly mistakes: readonly Mistake[] = [], readonly status = 400) {
    super(message);
    this.name = "BadRequest";
  }
}

/** A body larger than this is refused unread: 1 MB, and what `extra_text` needs besides. */
const MAX_BODY_BYTES = 9_000_000;

async function readText(request: Request): Promise<string> {
  const tooLarge = () => new BadRequest(`the body is larger than ${MAX_BODY_BYTES} bytes`, [], 413);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(whole);
  } catch {
    throw new BadRequest("the body is not UTF-8");
  }
}

/**
 * The body of a request, checked against a schema; an empty body counts as `{}`.
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
