import type { z } from "zod";
import { connect, type DatabaseClient } from "../database/client.ts";
import { DatabaseError } from "../database/error.ts";
import { withRunNotes } from "../domain/run_notes.ts";
import { shorten } from "../domain/text.ts";
import { BadRequest, readBody } from "./body.ts";
import { cpuTimeMs } from "./cpu_time.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { opens } from "./keys.ts";
import { explain, log, setLogLevel } from "./log.ts";
import { RunLog } from "./run_log.ts";

/** What a handler gets besides the body. */
export interface Context {
  database: DatabaseClient;
  env: Environment;
  /** When the request came in, epoch milliseconds. */
  startedAt: number;
  /** CPU used so far that counts against the runtime's limit, milliseconds; null where it does not say. */
  cpuMs(): number | null;
}

/** One edge function: its name, the body that it takes, and what it does. */
export interface FunctionDefinition<T> {
  name: string;
  body: z.ZodType<T>;
  /** Gives the JSON to answer with; throws `BadRequest` for what the caller can mend. */
  handle(body: T, context: Context): Promise<Record<string, unknown>>;
}

/** An edge function of which more than its `index.ts` knows: it is served there, and run in a process of its own. */
export function edgeFunction<T>(definition: FunctionDefinition<T>): FunctionDefinition<T> {
  return definition;
}

/** The runtime of hosted functions: keeps a worker alive until what it is given has settled. Plain Deno has none. */
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;

/** Whether the caller does not wait for the work: the database, which hangs up after five seconds. */
function inBackground(body: unknown): boolean {
  return typeof body === "object" && body !== null && "background" in body &&
    body.background === true;
}

/** Of an error that is answered; the log has all of it. */
const LONGEST_ERROR = 1_000;

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, apikey, content-type, x-client-info",
  "Access-Control-Allow-Methods": "POST, OPTIONS",
};

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...CORS, ...headers } });
}

function refusal(error: BadRequest): Response {
  return answer(error.status, {
    success: false,
    error: error.message,
    ...(error.mistakes.length > 0 ? { mistakes: error.mistakes } : {}),
  });
}

/** Logs an error and gives the id under which the log has it. */
function recorded(error: unknown): string {
  const id = crypto.randomUUID();
  const stack = error instanceof Error ? error.stack : undefined;
  log("error", explain(error), { error_id: id, stack });
  return id;
}

/** The id of a run that has a row in the database, where an answer names one. */
function runIdOf(answered: Record<string, unknown>): string | undefined {
  return typeof answered.run_id === "string" ? answered.run_id : undefined;
}

/** What is answered when the work broke, and how the log says that it ended. */
function brokenAnswer(name: string, error: unknown): { response: Response; errorId: string } {
  const status = error instanceof DatabaseError && error.unavailable ? 503 : 500;
  const errorId = recorded(error);
  const response = answer(status, {
    success: false,
    error: shorten(explain(error), LONGEST_ERROR),
    error_id: errorId,
    hint: status === 503
      ? "the database did not answer: nothing is lost, try again"
      : `the log of ${name} has more under this error_id`,
  });
  return { response, errorId };
}

/** Does what a request asks for, answers it, and has it written down when the work is over. */
async function serveRequest<T>(
  request: Request,
  definition: FunctionDefinition<T>,
  context: Context,
  run: RunLog,
): Promise<Response> {
  const finish = async (work: Promise<Record<string, unknown>>): Promise<Response> => {
    try {
      const answered = await work;
      run.end({ status: 200, runId: runIdOf(answered) });
      return answer(200, answered);
    } catch (error) {
      if (error instanceof BadRequest) {
        const { mistakes: [mistake] } = error;
        const first = mistake === undefined ? "" : `; ${mistake.path}: ${mistake.message}`;
        run.end({ status: error.status, error: error.message + first });
        return refusal(error);
      }
      const { response, errorId } = brokenAnswer(definition.name, error);
      run.end({ status: response.status, errorId });
      return response;
    }
  };
  let body: T;
  try {
    body = await readBody(request, definition.body);
  } catch (error) {
    return await finish(Promise.reject(error));
  }
  const done = finish(definition.handle(body, context));
  if (!inBackground(body)) return await done;
  if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(done);
  return answer(202, { success: true, accepted: true });
}

/**
 * Makes the handler of an edge function: POST and OPTIONS only, the key checked, the body checked,
 * every error answered with a clear word and logged.
 */
function handler<T>(
  definition: FunctionDefinition<T>,
  env: Environment,
): (request: Request) => Promise<Response> {
  const database = connect(env.supabaseUrl, env.serviceKey);

  return async (request) => {
    const startedAt = Date.now();
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    if (request.method !== "POST") {
      return answer(405, { success: false, error: `${request.method} is not answered: use POST` }, {
        Allow: "POST, OPTIONS",
      });
    }
    if (!opens(request.headers, env.acceptedKeys)) {
      return answer(401, {
        success: false,
        error: "a secret key is needed, in the header apikey or as Authorization: Bearer",
      });
    }

    const run = new RunLog(definition.name);
    const context = { database, env, startedAt, cpuMs: cpuTimeMs };
    return await withRunNotes(run, () => serveRequest(request, definition, context, run));
  };
}

/** Serves an edge function. The only line of every `index.ts`. */
export function serve<T>(definition: FunctionDefinition<T>): void {
  const env = readEnvironment((name) => Deno.env.get(name));
  setLogLevel(env.get("LOG_LEVEL"));
  Deno.serve(handler(definition, env));
}
