import type { DatabaseClient } from "../../database/client.ts";
import { type ImageOutcome, uploadImage } from "../../database/images.ts";
import { sha256 } from "../../domain/hash.ts";
import type { BytesResult } from "../../fetching/result.ts";
import { inspectImage } from "./inspect.ts";

/** The part of a `Fetcher` that images need. */
export interface BytesFetcher {
  bytes(
    url: string,
    options?: { maxBytes?: number; accept?: string; kind?: "cover" | "gallery" },
  ): Promise<BytesResult>;
}

/** What downloading needs of the outside. */
export interface ImageTools {
  database: DatabaseClient;
  fetcher: BytesFetcher;
  /** When the run must be over, epoch milliseconds. */
  deadline: number;
  /** Clock, epoch milliseconds; the machine's unless a test sets it. */
  now?: () => number;
}

/** The limit of the bucket, too. */
const MAX_BYTES = 8 * 1024 * 1024;
const ACCEPT = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1";
/** Storage stands beside the function: an upload that takes longer is stuck. */
const UPLOAD_TIMEOUT_MS = 15_000;

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Storage failed, not the site: the picture is fetched again after a wait. */
export const STORAGE_FAILED = "could not be stored: ";

async function keep(
  database: DatabaseClient,
  bytes: Uint8Array,
  status: number,
): Promise<ImageOutcome> {
  const image = inspectImage(bytes);
  if (!image.ok) {
    return {
      kind: "failed",
      code: "unreadable",
      http_status: status,
      error: image.why,
      retry_at: null,
    };
  }
  const hash = sha256(bytes);
  const path = `${hash.slice(0, 2)}/${hash}.${image.extension}`;
  try {
    await within(UPLOAD_TIMEOUT_MS, "the upload", uploadImage(database, path, bytes, image.mime));
  } catch (error) {
    return {
      kind: "failed",
      code: "server_error",
      http_status: status,
      error: STORAGE_FAILED + (error instanceof Error ? error.message : String(error)),
      retry_at: null,
    };
  }
  return {
    kind: "stored",
    content_hash: hash,
    storage_path: path,
    mime_type: image.mime,
    bytes: bytes.length,
    width: image.width,
    height: image.height,
  };
}

/**
 * Downloads one image, checks that it is a photo, and puts it into Storage under its content. What
 * could not begin, or was cut off by the run's own deadline, is `released`. Never throws.
 */
export async function downloadImage(
  url: string,
  tools: ImageTools,
  kind: "cover" | "gallery",
): Promise<ImageOutcome> {
  const now = tools.now ?? Date.now;
  const answer = await tools.fetcher.bytes(url, { maxBytes: MAX_BYTES, accept: ACCEPT, kind });
  if (answer.kind === "bytes") return await keep(tools.database, answer.bytes, answer.status);
  if (answer.kind === "not_started") {
    return {
      kind: "released",
      error: `${answer.reason}: ${answer.message}`,
      retry_at: answer.retryAt,
    };
  }
  if (answer.code === "timeout" && now() >= tools.deadline) {
    return { kind: "released", error: "the run's time was up", retry_at: null };
  }
  return {
    kind: "failed",
    code: answer.code,
    http_status: answer.status,
    error: answer.message,
    retry_at: answer.retryAt,
  };
}
