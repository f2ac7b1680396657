/**
 * The plain way to call a function, `POST /rest/v1/rpc/<name>` with a JSON object: straight to Postgres, several
 * times faster than through Lite. All other ways (GET, filters, other media types) are Lite's.
 */
import { lastingSql } from "../postgres/sql.ts";
import type { Caller } from "./caller.ts";
import { errorBody, isDatabaseError, statusOf } from "./errors.ts";
import { callSql, chooseFunction, readFunctions } from "./rpc_functions.ts";
import { literal, sessionText, sessionValues } from "./session.ts";

const maxRows = 1000;

interface Rpc {
  /** Whether this request may go the plain way. */
  fits(request: Request, path: string): boolean;
  /** Null when the call is not as plain as it looked; `body` has been read then. */
  call(request: Request, path: string, body: string, caller: Caller): Promise<Response | null>;
  /** Looks at the functions again. */
  forgetFunctions(): void;
  close(): Promise<void>;
}

export function createRpc(databasePort: number): Rpc {
  const sql = lastingSql("authenticator", databasePort, 12);
  const statements = new Map<string, { text: [string, string]; isVoid: boolean }>();

  /** The statement for this name and these arguments, from the cache or from a fresh look at the functions. */
  async function statementFor(name: string, given: string[]) {
    const key = `${name}(${given.join()})`;
    const known = statements.get(key);
    if (known !== undefined) return known;
    const called = chooseFunction(await readFunctions(sql), name, given);
    if (called === null) return null;
    const made = { text: callSql(called, given, maxRows), isVoid: called.returnsVoid };
    statements.set(key, made);
    return made;
  }

  /** One message of several statements is one transaction and one round trip. */
  async function run([before, after]: [string, string], session: string[], body: string) {
    const [row] = await sql.unsafe<{ body: string | null }>(
      `${sessionText(session)}; ${before}${literal(body)}${after}`,
    );
    return row?.body ?? null;
  }

  return {
    fits(request, path) {
      const accept = request.headers.get("accept");
      const profile = request.headers.get("content-profile");
      return request.method === "POST" && path.startsWith("/rest/v1/rpc/") &&
        request.url.indexOf("?") < 0 && (profile === null || profile === "public") &&
        (accept === null || accept === "*/*" || accept === "application/json") &&
        !request.headers.has("prefer");
    },
    async call(request, path, body, caller) {
      const name = decodeURIComponent(path.slice("/rest/v1/rpc/".length));
      const text = body === "" ? "{}" : body;
      const args = objectOf(text);
      if (args === null) return null;
      try {
        const statement = await statementFor(name, Object.keys(args).sort());
        if (statement === null) return null;
        const values = sessionValues(caller, {
          method: "POST",
          path,
          headers: Object.fromEntries(request.headers),
        });
        const answer = await run(statement.text, values, text);
        if (statement.isVoid) return new Response(null, { status: 204 });
        return new Response(answer ?? "null", {
          headers: { "content-type": "application/json; charset=utf-8" },
        });
      } catch (error) {
        return failure(error, caller);
      }
    },
    forgetFunctions: () => statements.clear(),
    close: () => sql.end(),
  };

  function failure(error: unknown, caller: Caller): Response {
    if (isDatabaseError(error)) {
      // A function that was changed meanwhile: look again the next time.
      if (error.code === "42883" || error.code.startsWith("0A")) statements.clear();
      return Response.json(errorBody(error), {
        status: statusOf(error.code, caller.role === "anon"),
      });
    }
    const message = error instanceof Error ? error.message : String(error);
    return Response.json({
      code: "PGRST001",
      details: message,
      hint: null,
      message: "Database connection error. Retrying.",
    }, {
      status: 503,
    });
  }
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
