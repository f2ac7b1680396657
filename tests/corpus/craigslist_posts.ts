import { corpusDir, corpusExists } from "./folder.ts";

/** The corpus' posts by file, with their addresses, from its manifest; none where it is absent. */
export const POSTS: Readonly<Record<string, string>> = corpusExists
  ? Object.fromEntries(
    Deno.readTextFileSync(`${corpusDir}/MANIFEST.tsv`).split("\n")
      .map((line) => line.split("\t"))
      .filter(([file]) => file?.startsWith("craigslist/"))
      .map(([file, url]) => [file, url]),
  )
  : {};
