import type { DatabaseClient } from "../../../database/client.ts";
import type { BytesResult } from "../../../fetching/result.ts";
import type { BytesFetcher } from "../download.ts";

/** A fetcher that knows its answers by URL, and what it was asked for. */
export function fetcherOf(answers: Record<string, BytesResult | Uint8Array>) {
  const asked: string[] = [];
  const fetcher: BytesFetcher = {
    bytes(url) {
      asked.push(url);
      const answer = answers[url] ?? failed("gone", { status: 404 });
      return Promise.resolve(
        answer instanceof Uint8Array
          ? { kind: "bytes", bytes: answer, contentType: "image/jpeg", status: 200 }
          : answer,
      );
    },
  };
  return { fetcher, asked };
}

/** An attempt that failed. */
export function failed(
  code: Extract<BytesResult, { kind: "failed" }>["code"],
  more: { status?: number | null; retryAt?: string | null } = {},
): BytesResult {
  return { kind: "failed", code, status: null, message: `it was ${code}`, retryAt: null, ...more };
}

/** An attempt that could not begin. */
export function notStarted(
  reason: "host_busy" | "breaker_open" | "deadline",
  retryAt: string,
): BytesResult {
  return { kind: "not_started", reason, message: "not now", retryAt };
}

/** A Storage that keeps what is uploaded by its path, or refuses everything with `error`. */
export function storageOf(error: string | null = null) {
  const files = new Map<string, { bytes: Uint8Array; type: string }>();
  const storage = {
    from: () => ({
      upload(path: string, bytes: Uint8Array, options: { contentType: string }) {
        if (error !== null) return Promise.resolve({ data: null, error: { message: error } });
        files.set(path, { bytes, type: options.contentType });
        return Promise.resolve({ data: { path }, error: null });
      },
    }),
  };
  // Only Storage is used by what these tests test.
  return { database: { storage } as unknown as DatabaseClient, files };
}
