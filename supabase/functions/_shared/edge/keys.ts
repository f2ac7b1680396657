import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

async function digest(text: string): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** The keys that a request offers: `apikey`, and `Authorization: Bearer`. */
function offeredKeys(headers: Headers): string[] {
  const bearer = headers.get("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1]?.trim();
  return [headers.get("apikey")?.trim(), bearer].filter((key): key is string => !!key);
}

/**
 * Whether a request carries one of the accepted keys. Digests of equal length are compared, all of
 * them, so that the time taken says nothing about a key.
 */
export async function opens(headers: Headers, accepted: readonly string[]): Promise<boolean> {
  const wanted = await Promise.all(accepted.map(digest));
  let open = false;
  for (const key of offeredKeys(headers)) {
    const offered = await digest(key);
    for (const one of wanted) open = timingSafeEqual(offered, one) || open;
  }
  return open;
}
