/// <reference lib="dom" />
/** What the page was built for: it stands in meta elements, because no script may stand in the page. */
interface Config {
  url: string;
  key: string;
  /** Whether the server of this page can sign in by one click. */
  local: boolean;
}

function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

export const config: Config = {
  url: meta("api-url"),
  key: meta("api-key"),
  local: meta("local") === "yes",
};
