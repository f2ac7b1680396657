/** The outside world, played on this machine: one server that answers for any host, as a mirror does. */

export interface SiteRequest {
  /** Milliseconds, `performance.now()`, when it came in. */
  at: number;
  /** The real site's URL that is asked for. */
  url: URL;
  headers: Headers;
}

type Answer = (request: SiteRequest) => Response | Promise<Response>;

export interface Site {
  /** For `SOURCE_MIRROR_URL`. */
  mirrorUrl: string;
  /** What it answers to a request for a real URL. */
  respond(url: URL, headers: Headers): Promise<Response>;
  /** All requests but those for robots.txt, in order. */
  requests: SiteRequest[];
  robotsRequests: SiteRequest[];
  /** What answers from now on; robots.txt is answered 404 unless `robots` says otherwise. */
  answer: Answer;
  robots: Answer;
  /** Forgets what was asked. */
  reset(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const missing: Answer = () => new Response("not found", { status: 404 });

/** Starts a site on a free port of this machine. */
export function playSite(answer: Answer = missing): Site {
  const stop = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal: stop.signal, onListen() {} },
    (request) => {
      const asked = new URL(request.url);
      const [, scheme, host, ...path] = asked.pathname.split("/");
      const url = new URL(`${scheme}://${host}/${path.join("/")}${asked.search}`);
      return site.respond(url, request.headers);
    },
  );
  const mirrorUrl = `http://127.0.0.1:${server.addr.port}`;
  const site: Site = {
    mirrorUrl,
    async respond(url, headers) {
      const seen = { at: performance.now(), url, headers };
      const robots = url.pathname === "/robots.txt";
      (robots ? site.robotsRequests : site.requests).push(seen);
      return await (robots ? site.robots(seen) : site.answer(seen));
    },
    requests: [],
    robotsRequests: [],
    answer,
    robots: missing,
    reset() {
      site.requests.length = 0;
      site.robotsRequests.length = 0;
      site.answer = missing;
      site.robots = missing;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
  return site;
}

/** A small page as a site serves it. */
export function html(body: string, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  if (!headers.has("content-type")) headers.set("content-type", "text/html; charset=utf-8");
  return new Response(`<!doctype html><html><body>${body}</body></html>`, { ...init, headers });
}
