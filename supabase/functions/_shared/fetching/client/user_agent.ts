/** The name that robots.txt knows this fetcher by (its product token, RFC 9309, 2.2.1). */
export const ROBOTS_TOKEN = "VehicleDatabase";

/**
 * The user agent sent with every request: who asks, and where its operator can be reached.
 * @param contact `CONTACT_URL`, an http(s) or mailto URL. Without it the project's own address stands there.
 * @throws Error when `contact` is neither.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   userAgent("mailto:data@example.com", "https://project.supabase.co"),
 *   "VehicleDatabase/1.0 (+mailto:data@example.com)",
 * );
 * ```
 */
export function userAgent(contact: string | undefined, supabaseUrl: string): string {
  if (contact === undefined || contact.trim() === "") {
    return `${ROBOTS_TOKEN}/1.0 (+${originOf(supabaseUrl)})`;
  }
  const text = contact.trim();
  if (!/^(https?:\/\/|mailto:)[\x21-\x7e]+$/.test(text) || /[()]/.test(text)) {
    throw new Error("CONTACT_URL must be an http, https or mailto URL in plain ASCII");
  }
  return `${ROBOTS_TOKEN}/1.0 (+${text})`;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "no contact given";
  }
}
