/** The host of an address in lower case; `""` when it is no address. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.toLowerCase().replace(/\.$/, "");
  } catch {
    return "";
  }
}

/** The slug of a host without an adapter of its own: its name without `www.` ("cars.com"). */
export function hostSlug(url: string): string {
  return hostOf(url).replace(/^www\./, "") || "general";
}
