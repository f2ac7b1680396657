import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** The keys that a request offers: `apikey`, and `Authorization: Bearer`. */
function offeredKeys(headers: Headers): string[] {
  const bearer = headers.get("authorization")?.match(/^Bearer\s+(.+)$/i)?.[1]?.trim();
  return [headers.get("apikey")?.trim(), bearer].filter((key): key is string => !!key);
}

/**
 * Whether a request carries one of the accepted keys. Digests of equal length are compared, all of
 * them, so that the time taken says nothing about a key.
 */
export function opens(headers: Headers, accepted: readonly string[]): boolean {
  const wanted = accepted.map(digest);
  let open = false;
  for (const key of offeredKeys(headers)) {
    const offered = digest(key);
    for (const one of wanted) open = timingSafeEqual(offered, one) || open;
  }
  return open;
}
