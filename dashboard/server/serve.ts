/** The dashboard on this machine. */
import { gzipSync } from "node:zlib";
import { buildDashboard, type Built } from "./build.ts";
import { localOperator } from "./local_operator.ts";
import { type Api, isLoopback, securityHeaders } from "./policy.ts";

interface DashboardOptions {
  api: Api;
  /**
   * The secret key of a stack on this machine: the page then offers to sign in by one click. It stays in this
   * process. Null for any other project.
   */
  secret: string | null;
  port: number;
}

export interface Dashboard {
  url: string;
  stop(): Promise<void>;
}

const types: Record<string, string> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * Builds the page and serves it on loopback.
 * @throws Error when it cannot be bundled, TypeError for a secret key of a project elsewhere.
 */
export async function serveDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { api, secret } = options;
  if (secret !== null && !isLoopback(new URL(api.url))) {
    throw new TypeError("Signing in by one click is for a stack on this machine only.");
  }
  const built = await buildDashboard({ api, local: secret !== null });
  const packed = new Map([...built].map(([name, bytes]) => [name, gzipSync(bytes)]));
  const headers = securityHeaders(api);
  const abort = new AbortController();
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port: options.port, signal: abort.signal, onListen: () => {} },
    async (request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === "/local/operator") {
        return secret === null || !isFromOurPage(request, server.addr.port)
          ? new Response(null, { status: 404, headers })
          : Response.json(await localOperator(api.url, secret), { headers });
      }
      return file(
        pathname === "/" ? "index.html" : pathname.slice(1),
        request,
        built,
        packed,
        headers,
      );
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      abort.abort();
      await server.finished;
    },
  };
}

/** No other site's page may ask: not by a name that leads here (Host), nor across origins (Origin). */
function isFromOurPage(request: Request, port: number): boolean {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = request.headers.get("host") ?? "";
  return request.method === "POST" && own.includes(host) &&
    request.headers.get("origin") === `http://${host}`;
}

function file(
  name: string,
  request: Request,
  built: Built,
  packed: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  headers: Record<string, string>,
): Response {
  const [plain, small] = [built.get(name), packed.get(name)];
  const type = types[name.slice(name.lastIndexOf(".") + 1)];
  if (plain === undefined || small === undefined || type === undefined) {
    return new Response("There is no such file.\n", { status: 404, headers });
  }
  const gzip = request.headers.get("accept-encoding")?.includes("gzip") === true;
  return new Response(request.method === "HEAD" ? null : gzip ? small : plain, {
    headers: {
      ...headers,
      ...(gzip ? { "content-encoding": "gzip" } : {}),
      vary: "accept-encoding",
      "content-type": type,
      // A name with a hash never means anything else.
      "cache-control": name === "index.html" ? "no-cache" : "public, max-age=31536000, immutable",
    },
  });
}
