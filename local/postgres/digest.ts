import { createHash } from "node:crypto";
import { join } from "node:path";

/** Sha-256 (hex) over some words and over the names and bytes of all files of a directory, in name order. */
export async function digestFiles(words: string[], dir: string): Promise<string> {
  const hash = createHash("sha256");
  for (const word of words) hash.update(word).update("\0");
  const names = [...Deno.readDirSync(dir)].filter((entry) => entry.isFile).map((entry) =>
    entry.name
  );
  for (const name of names.sort()) {
    hash.update(name).update("\0").update(await Deno.readFile(join(dir, name)));
  }
  return hash.digest("hex");
}
