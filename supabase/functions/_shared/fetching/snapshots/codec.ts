import { gunzipSync, gzipSync } from "node:zlib";

/** Bytes of a page as they are kept: gzip at level 1, 2–3 ms of CPU for a page of a megabyte. */
export function pack(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes, { level: 1 }));
}

/** The bytes that were packed. @throws RangeError when they are more than `limit`, Error when damaged. */
export function unpack(packed: Uint8Array, limit: number): Uint8Array {
  return new Uint8Array(gunzipSync(packed, { maxOutputLength: limit }));
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))));
}

/** Where a page with this hash is kept: the same content has one place, whoever fetched it. */
export function storagePath(hash: string): string {
  return `${hash.slice(0, 2)}/${hash}.gz`;
}

/**
 * The id of a listing's snapshot with this content: made from both (UUID version 8, RFC 9562), so
 * that workers that fetch the same page at once name the same row.
 */
export async function snapshotId(canonicalUrl: string, hash: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(`${canonicalUrl}\n${hash}`),
  );
  const bytes = new Uint8Array(digest).slice(0, 16);
  bytes[6] = (bytes[6] ?? 0) & 0x0f | 0x80;
  bytes[8] = (bytes[8] ?? 0) & 0x3f | 0x80;
  const text = hex(bytes);
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ]
    .join("-");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
