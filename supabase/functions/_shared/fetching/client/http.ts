import type { Incoming, Transport } from "./transport.ts";

/** Largest page, in bytes after decompression. */
export const MAX_BYTES = 8 * 1024 * 1024;
/** Longest time for one request and its whole body. */
export const TIMEOUT_MS = 20_000;
/** What is read of a page that was not served: enough to tell a bot wall. */
const ERROR_BYTES = 256 * 1024;

export interface GetOptions {
  headers: Record<string, string>;
  maxBytes: number;
  timeoutMs: number;
  /** Ends the request early; then the result is `stopped`. */
  signal?: AbortSignal;
  /** Keep the first `maxBytes` of a larger body instead of refusing it. */
  truncate?: boolean;
  transport: Transport;
  /** The addresses of the URL's host that were checked. */
  addresses: readonly string[];
}

export type GetResult =
  | { kind: "answer"; status: number; headers: Headers; bytes: Uint8Array }
  | {
    kind: "failed";
    code: "timeout" | "network" | "too_large";
    status: number | null;
    message: string;
  }
  | { kind: "stopped" };

/**
 * One GET, no redirect followed. The time limit covers the body; the size limit counts decompressed
 * bytes as they arrive, so a small answer that unpacks to gigabytes is left after the limit. The body
 * of a redirect is not read, that of a refusal only in part. Never throws for what a site does.
 */
export async function get(url: URL, options: GetOptions): Promise<GetResult> {
  const headers = new Headers(options.headers);
  const abort = new AbortController();
  let why: "timeout" | "stopped" | null = null;
  const end = (reason: "timeout" | "stopped") => {
    why ??= reason;
    abort.abort();
  };
  const timer = setTimeout(() => end("timeout"), options.timeoutMs);
  const onStop = () => end("stopped");
  if (options.signal?.aborted === true) onStop();
  options.signal?.addEventListener("abort", onStop);

  let status: number | null = null;
  try {
    const { addresses } = options;
    const response = await options.transport(url, { headers, signal: abort.signal, addresses });
    status = response.status;
    const body = await readBody(response, options);
    if (body === null) {
      abort.abort();
      return {
        kind: "failed",
        code: "too_large",
        status,
        message: `the answer is larger than ${options.maxBytes} bytes`,
      };
    }
    return { kind: "answer", status, headers: response.headers, bytes: body };
  } catch (error) {
    // Set by a callback, which the compiler does not follow.
    const ended = why as "timeout" | "stopped" | null;
    if (ended === "stopped") return { kind: "stopped" };
    if (ended === "timeout") {
      const what = status === null ? "no answer" : "the body did not end";
      const message = `${what} within ${Math.round(options.timeoutMs / 100) / 10} s`;
      return { kind: "failed", code: "timeout", status, message };
    }
    return { kind: "failed", code: "network", status, message: causeOf(error) };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onStop);
  }
}

/** The body up to its limit; null when a served page is larger than allowed. */
async function readBody(response: Incoming, options: GetOptions): Promise<Uint8Array | null> {
  const served = response.status >= 200 && response.status < 300;
  if (response.body === null) return new Uint8Array(0);
  if (response.status >= 300 && response.status < 400) {
    await response.body.cancel();
    return new Uint8Array(0);
  }
  const limit = served ? options.maxBytes : Math.min(options.maxBytes, ERROR_BYTES);
  const cut = options.truncate === true || !served;
  if (!cut && Number(response.headers.get("content-length") ?? 0) > limit) {
    await response.body.cancel();
    return null;
  }

  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      if (!cut) return null;
      break;
    }
  }
  return join(chunks, Math.min(length, limit));
}

function join(chunks: Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only?.length === length) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk.subarray(0, length - at), at);
    at += chunk.length;
    if (at >= length) break;
  }
  return whole;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return cause === "" || error.message.includes(cause)
    ? error.message
    : `${error.message}: ${cause}`;
}
