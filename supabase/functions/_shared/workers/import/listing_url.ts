/** A listing's address in the one spelling that is asked for, or why a text is none. */
type BatListing = { url: string } | { why: string };

const HOST = "bringatrailer.com";
const LISTING = /^\/listing\/([^/]+)\/?$/i;

/**
 * Reads the address of a Bring a Trailer listing, however it is spelled: http, `www.`, an
 * upper-case, without the last slash, with tracking parameters or a fragment. A listing there is
 * named by its path alone, in lower case, so the parameters go.
 */
export function batListing(text: string): BatListing {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return { why: "not a URL" };
  const { protocol, hostname, port, username, password, pathname } = new URL(trimmed);
  if (protocol !== "http:" && protocol !== "https:") return { why: "not an http(s) URL" };
  if (username !== "" || password !== "") return { why: "a URL with a user name or password" };
  const host = hostname.replace(/\.$/, "").replace(/^www\./, "");
  if (host !== HOST || port !== "") {
    const where = port === "" ? hostname : `${hostname}:${port}`;
    return { why: `not a listing on ${HOST}, but on ${where}` };
  }
  const name = LISTING.exec(pathname)?.[1]?.toLowerCase();
  if (name === undefined) {
    return { why: `not the address of a listing (https://${HOST}/listing/…/)` };
  }
  return { url: `https://${HOST}/listing/${name}/` };
}
