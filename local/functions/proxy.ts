/** Handing a request on to another server of this machine. */

/** Bodies up to this size are read before they are sent on, which is faster than streaming them. */
const smallBody = 4 * 1024 * 1024;

/**
 * Sends the request to a loopback port and gives back its answer.
 * @param path with the query, starting with a slash
 * @throws when the server cannot be reached or breaks off
 */
export async function handOn(
  request: Request,
  port: number,
  path: string,
  signal?: AbortSignal,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("accept-encoding");
  headers.delete("host");
  headers.delete("connection");
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: request.method,
    headers,
    body: await bodyOf(request),
    redirect: "manual",
    ...(signal === undefined ? {} : { signal }),
  });
  return new Response(answer.body, {
    status: answer.status,
    statusText: answer.statusText,
    headers: answer.headers,
  });
}

async function bodyOf(request: Request): Promise<ReadableStream | ArrayBuffer | null> {
  if (request.body === null || request.method === "GET" || request.method === "HEAD") return null;
  const length = Number(request.headers.get("content-length") ?? Infinity);
  return length <= smallBody ? await request.arrayBuffer() : request.body;
}

/** Path and query of an absolute URL. */
export function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start < 0 ? "/" : url.slice(start);
}
