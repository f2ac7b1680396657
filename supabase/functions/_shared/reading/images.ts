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

/** An address that the URL parser would give back unchanged; most are, and parsing costs more. */
const PLAIN = /^https?:\/\/[a-z\d.-]+\/(?:[\w~-]+(?:\.[\w~-]+)*\/)*[\w~-]+(?:\.[\w~-]+)*$/;
const WORDPRESS = "/wp-content/uploads/";

function absolute(text: string, base: string): string | null {
  const bare = withoutSize(text.trim());
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

/** WordPress serves the picture itself without the query that asks for a size of it. */
function withoutSize(url: string): string {
  const query = url.indexOf("?");
  if (query < 0 || url.length > 2_000 || !url.includes(WORDPRESS)) return url;
  const names = url.slice(query + 1).split("#", 1)[0]?.split("&").map((part) =>
    part.split("=", 1)[0] ?? ""
  );
  return names?.every((name) => SIZE_ONLY.test(name)) === true ? url.slice(0, query) : url;
}
