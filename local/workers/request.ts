/** One HTTP request of pg_net. */

export interface QueuedRequest {
  id: number;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: string | null;
  timeout_milliseconds: number;
}

/** A row of `net._http_response`. */
export interface Answer {
  id: number;
  status_code: number | null;
  content_type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timed_out: boolean | null;
  error_msg: string | null;
}

/** Sends the request; whatever happens is an answer. @param stop ends it early, with an error for an answer */
export async function sendRequest(request: QueuedRequest, stop: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(request.timeout_milliseconds);
  try {
    const response = await fetch(request.url, {
      method: request.method.toUpperCase(),
      headers: { "user-agent": "pg_net/0.20.4", ...request.headers },
      body: request.body,
      signal: AbortSignal.any([timeout, stop]),
    });
    return {
      id: request.id,
      status_code: response.status,
      content_type: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      // Postgres keeps no zero bytes in text.
      content: (await response.text()).replaceAll("\0", ""),
      timed_out: false,
      error_msg: null,
    };
  } catch (error) {
    const late = timeout.aborted && !stop.aborted;
    const words = error instanceof Error ? error.message : String(error);
    return {
      id: request.id,
      status_code: null,
      content_type: null,
      headers: null,
      content: null,
      timed_out: late,
      error_msg: late ? `Timeout of ${request.timeout_milliseconds} ms reached` : words,
    };
  }
}
