/** Queries that ask an image host for another size of the same picture. */
const SIZE_ONLY = /^(?:fit|resize|w|h|width|height|quality|q|ssl|crop|strip|zoom|auto)$/i;
const MOST_IMAGES = 1_000;

/**
 * Image URLs made absolute, in their largest size where the host names it in the query, each once
 * and in order. What is no http(s) URL, or is a data URL or a placeholder, is left out.
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

function absolute(text: string, base: string): string | null {
  if (text.length > 2_000 || /\s/.test(text.trim())) return null;
  let url: URL;
  try {
    url = new URL(text.trim(), base);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  url.hash = "";
  if (url.pathname.includes("/wp-content/uploads/")) {
    for (const name of [...url.searchParams.keys()]) {
      if (SIZE_ONLY.test(name)) url.searchParams.delete(name);
    }
  }
  return url.href;
}
