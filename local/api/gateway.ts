/** The one address of a stack: REST, Auth, Storage and edge functions behind it, as on a hosted project. */
import { lastingSql, listen } from "../postgres/sql.ts";
import { freePort } from "../ports.ts";
import { adminUsers } from "./admin_users.ts";
import { apiKeyOf, callerOf } from "./caller.ts";
import { preflight, readable } from "./cors.ts";
import type { Keys } from "./keys.ts";
import { createLite } from "./lite.ts";
import { createRpc } from "./rpc.ts";
import { serviceStorage } from "./storage.ts";
import { createStorageAdapter } from "./storage_adapter.ts";
import { createFileStore } from "./storage_files.ts";
import { completeTokens } from "./tokens.ts";
import { withoutForm } from "./upload.ts";

interface GatewayOptions {
  databasePort: number;
  keys: Keys;
  storageDir: string;
  /** 0 takes a free one. */
  port: number;
  /** Whether Postgres runs; while it does not, everything but functions answers 503. */
  databaseUp: () => boolean;
  /** Answers everything under /functions/v1. */
  functions: (request: Request, path: string) => Promise<Response>;
}

interface Gateway {
  url: string;
  port: number;
  /** Looks at the schema again after tables or functions were made. */
  forgetSchema(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts listening on loopback. */
export function startGateway(options: GatewayOptions): Gateway {
  const { keys, databasePort } = options;
  const files = createFileStore(options.storageDir);
  const lite = createLite({ databasePort, keys, storage: createStorageAdapter(files) });
  const rpc = createRpc(databasePort);
  const sql = lastingSql("supabase_admin", databasePort, 4);

  async function answer(request: Request): Promise<Response> {
    const path = pathOf(request.url);
    if (path.startsWith("/functions/v1/")) return await options.functions(request, path);
    return preflight(request) ?? readable(request, await data(request, path));
  }

  async function data(request: Request, path: string): Promise<Response> {
    if (!options.databaseUp()) return unavailable();
    if (path.startsWith("/rest/v1/")) return await rest(request, path);
    if (path.startsWith("/auth/v1/")) {
      const admin = await adminUsers(request, path, callerOf(request, keys), sql);
      return admin ?? await completeTokens(await lite.system(withKey(request, keys)), keys);
    }
    if (path.startsWith("/storage/v1/")) return await storage(request, path);
    if (path === "/") {
      return Response.json({
        rest: "/rest/v1",
        auth: "/auth/v1",
        storage: "/storage/v1",
        functions: "/functions/v1",
      });
    }
    return Response.json({ message: "no Route matched with those values" }, { status: 404 });
  }

  async function storage(request: Request, path: string): Promise<Response> {
    const answered = await serviceStorage(request, path, callerOf(request, keys), files, sql);
    return answered ?? await lite.system(await withoutForm(withKey(request, keys)));
  }

  async function rest(request: Request, path: string): Promise<Response> {
    const caller = callerOf(request, keys);
    if (caller === null || !rpc.fits(request, path)) return await lite.rest(withKey(request, keys));
    const body = await request.text();
    const answered = await rpc.call(request, path, body, caller);
    if (answered !== null) return answered;
    const again = new Request(request.url, { method: "POST", headers: request.headers, body });
    return await lite.rest(withKey(again, keys));
  }

  const forgetSchema = async () => {
    rpc.forgetFunctions();
    await lite.forgetSchema();
  };
  // Postgres tells when tables or functions were made, as it tells PostgREST.
  const stopListening = listen(databasePort, "pgrst", () => void forgetSchema());
  const abort = new AbortController();
  const server = Deno.serve({
    signal: abort.signal,
    hostname: "127.0.0.1",
    port: options.port === 0 ? freePort() : options.port,
    onListen: () => {},
    onError(error) {
      // The caller is gone before its request was read, killed as a rule: nobody waits for an answer.
      if (!(error instanceof Deno.errors.BadResource)) console.error(error);
      return Response.json({ message: "An unexpected error occurred" }, { status: 500 });
    },
  }, answer);

  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    forgetSchema,
    async stop() {
      abort.abort();
      await server.finished;
      await Promise.allSettled([stopListening(), lite.close(), rpc.close(), sql.end()]);
    },
  };
}

/** As PostgREST answers while its database is away. */
function unavailable(): Response {
  const message = "Database client error. Retrying the connection.";
  return Response.json({ code: "PGRST001", details: null, hint: null, message }, { status: 503 });
}

/** The path of an absolute URL, without parsing all of it. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return start < 0 ? "/" : url.slice(start, end < 0 ? undefined : end);
}

/** Lite looks for the key in the header `apikey` only. */
function withKey(request: Request, keys: Keys): Request {
  const key = apiKeyOf(request, keys);
  if (key === null || request.headers.has("apikey")) return request;
  const headers = new Headers(request.headers);
  headers.set("apikey", key);
  return new Request(request.url, { method: request.method, headers, body: request.body });
}
