/** Calls from pages of other origins, which a hosted project's gateway allows to all: keys and tokens decide. */

/** The answer to a browser's question whether it may send a request; null when this is none. */
export function preflight(request: Request): Response | null {
  if (request.method !== "OPTIONS") return null;
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "3600",
    },
  });
}

/** Lets the page that asked read the answer. */
export function readable(request: Request, response: Response): Response {
  if (!request.headers.has("origin")) return response;
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", "content-range, x-total-count");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
