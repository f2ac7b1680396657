import { createHash } from "node:crypto";

/**
 * SHA-256 in hexadecimal, of bytes or of a text in UTF-8. At once: on another thread, as Web Crypto does it, a page of
 * 30 KB takes longer to be sent there than to be hashed.
 */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Bytes in hexadecimal, two digits each. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
