/** WordPress serves the picture itself without the query that asks for a size of it. */
const SIZED =
  /^([^?#]{1,1500}\/wp-content\/uploads\/[^?#]{1,400})\?(?:(?:fit|resize|w|h|width|height|quality|ssl|crop|strip|zoom)=[^&#]{0,100}(?:&|$))+$/i;
const MOST_IMAGES = 1_000;

/**
 * Image URLs made absolute, in their largest size where the host names it in the query, each once
 * and in order. What is no http(s) URL, or is a data URL or a placeholder, is left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const upload = "https://bringatrailer.com/wp-content/uploads/2026/04/a.jpg";
 * assert.deepEqual(imageUrls([`${upload}?w=620&h=413`, upload, "/b.jpg"], "https://cars.example/1"), [
 *   upload,
 *   "https://cars.example/b.jpg",
 * ]);
 * ```
 */
export function imageUrls(urls: readonly (string | null | undefined)[], base: string): string[] {
  const found = new Set<string>();
  for (const text of urls) {
    if (found.size >= MOST_IMAGES) break;
    const url = text === null || text === undefined ? null : absolute(text, base);
    if (url !== null) found.add(url);
  }
  return [...found];
}

/** An address that the URL parser would give back unchanged; most are, and parsing costs more. */
const PLAIN = /^https?:\/\/[a-z\d.-]+\/(?:[\w~-]+(?:\.[\w~-]+)*\/)*[\w~-]+(?:\.[\w~-]+)*$/;

function absolute(text: string, base: string): string | null {
  const whole = text.trim();
  const bare = SIZED.exec(whole)?.[1] ?? whole;
  if (PLAIN.test(bare)) return bare;
  if (bare.length > 2_000 || /\s/.test(bare)) return null;
  let url: URL;
  try {
    url = new URL(bare, base);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  url.hash = "";
  return url.href;
}
