/** pgTAP's own SQL, out of the package that carries it for another Postgres. */
import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { Buffer } from "node:buffer";

/** Name and text of the two files that `create extension pgtap` needs. */
export async function pgTapFiles(): Promise<[string, string][]> {
  const archive = new URL("./pgtap.tar.gz", import.meta.resolve("@electric-sql/pglite-pgtap"));
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(fileURLToPath(archive)).pipe(createGunzip())) {
    chunks.push(chunk);
  }
  const wanted = /extension\/(pgtap\.control|pgtap--\d+\.\d+\.\d+\.sql)$/;
  const files: [string, string][] = [];
  for (const [path, text] of tarEntries(Buffer.concat(chunks))) {
    const name = wanted.exec(path)?.[1];
    // A trusted extension can be created by postgres, who is no superuser here, as when hosted.
    if (name !== undefined) {
      files.push([name, name.endsWith(".control") ? `${text}\ntrusted = true\n` : text]);
    }
  }
  return files;
}

/** Entries of a ustar archive: a header of 512 bytes, then the file padded to 512. */
function* tarEntries(archive: Buffer): Generator<[string, string]> {
  const field = (at: number, length: number) =>
    archive.toString("latin1", at, at + length).replace(/\0.*$/, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const size = parseInt(field(at + 124, 12), 8) || 0;
    yield [field(at, 100), archive.toString("utf8", at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
