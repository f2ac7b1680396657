import { gunzipSync, gzipSync } from "node:zlib";
import { sha256 } from "../../domain/hash.ts";

/** Bytes of a page as they are kept: gzip at level 1, 2–3 ms of CPU for a page of a megabyte. */
export function pack(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes, { level: 1 }));
}

/** The bytes that were packed. @throws RangeError when they are more than `limit`, Error when damaged. */
export function unpack(packed: Uint8Array, limit: number): Uint8Array {
  return new Uint8Array(gunzipSync(packed, { maxOutputLength: limit }));
}

/**
 * Where a page with this hash is kept: the same content has one place, whoever fetched it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const hash = "9b1f".repeat(16);
 * assert.equal(storagePath(hash), `9b/${hash}.gz`);
 * ```
 */
export function storagePath(hash: string): string {
  return `${hash.slice(0, 2)}/${hash}.gz`;
}

/**
 * The id of a listing's snapshot with this content: made from both (UUID version 8, RFC 9562), so
 * that workers that fetch the same page at once name the same row.
 */
export function snapshotId(canonicalUrl: string, hash: string): string {
  const digits = sha256(`${canonicalUrl}\n${hash}`);
  const variant = "89ab"[parseInt(digits.charAt(16), 16) & 3];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}
