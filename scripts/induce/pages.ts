import { decodeText } from "../../supabase/functions/_shared/fetching/client/charset.ts";
import { UsageError } from "./facts.ts";

/** What fetching takes of a page, too; the rest of a larger file is not read. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A saved page as text. */
export async function readPage(directory: string, file: string): Promise<string> {
  const path = `${directory}/${file}`;
  try {
    using opened = await Deno.open(path);
    const { size } = await opened.stat();
    const bytes = new Uint8Array(Math.min(size, MOST_BYTES));
    let length = 0;
    while (length < bytes.length) {
      const read = await opened.read(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return decodeText(bytes.subarray(0, length), "text/html");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new UsageError(`no such file: ${path}`);
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The names of a directory's pages, sorted. */
export async function pagesIn(directory: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (isFile && /\.x?html?$/i.test(name)) names.push(name);
    }
    return names.sort();
  } catch (error) {
    throw new UsageError(
      `cannot list ${directory}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
