import { withoutBrackets } from "./public_address.ts";

/** Sends requests for real sites to a stand-in on this machine. */
export interface Mirror {
  /** Where the request for a real URL goes: `http://127.0.0.1:PORT/https/example.com/path?query`. */
  map(url: URL): URL;
}

/**
 * The mirror that `SOURCE_MIRROR_URL` names, or null when it is unset or empty. It exists for the
 * demo, the tests and the corpus, so it is refused unless both it and the Supabase project are on
 * this machine.
 * @throws Error with what to do when it is set where it must not be.
 */
export function mirrorFrom(mirrorUrl: string | undefined, supabaseUrl: string): Mirror | null {
  if (mirrorUrl === undefined || mirrorUrl.trim() === "") return null;
  const base = parse(mirrorUrl);
  const project = parse(supabaseUrl);
  if (base === null || !isLoopback(base)) {
    throw new Error(`SOURCE_MIRROR_URL must be on this machine, as http://127.0.0.1:PORT`);
  }
  if (project === null || !isLoopback(project)) {
    throw new Error(
      "SOURCE_MIRROR_URL works with a local stack only: SUPABASE_URL is not on this machine. Unset it.",
    );
  }
  const root = base.origin + base.pathname.replace(/\/$/, "");
  return {
    map: (url) =>
      new URL(`${root}/${url.protocol.slice(0, -1)}/${url.host}${url.pathname}${url.search}`),
  };
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isLoopback(url: URL): boolean {
  const host = withoutBrackets(url.hostname);
  return (url.protocol === "http:" || url.protocol === "https:") &&
    (host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host));
}
