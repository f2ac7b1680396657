/** The SQL of the specification, read out of its documents. */
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";

const specDir = join(projectRoot, "../shared/spec");

/** Whether the documents lie beside the project; tests that read them are skipped by name where not. */
export const specExists = (() => {
  try {
    return Deno.statSync(specDir).isDirectory;
  } catch {
    return false;
  }
})();

export interface SqlBlock {
  document: string;
  /** Line of the document (from 1) where the statement begins. */
  line: number;
  text: string;
}

/** Every fenced `sql` block of a document, in order. */
export function sqlBlocks(document: string): SqlBlock[] {
  const text = Deno.readTextFileSync(join(specDir, document));
  return [...text.matchAll(/^[ \t]*```sql\n([\s\S]*?)^[ \t]*```/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split("\n").length + 1,
    text: match[1] ?? "",
  }));
}

/** Every command of the `bash` blocks of a document, in order; lines that are continued, by a backslash or within quotes, are joined. */
export function commandsOf(document: string): string[] {
  const text = Deno.readTextFileSync(join(specDir, document));
  return [...text.matchAll(/^[ \t]*```bash\n([\s\S]*?)^[ \t]*```/gm)]
    .flatMap((match) => commands((match[1] ?? "").replace(/\\\n\s*/g, "")));
}

function commands(block: string): string[] {
  const found: string[] = [];
  let open = "";
  for (const line of block.split("\n")) {
    if (open === "" && /^\s*(#|$)/.test(line)) continue;
    open += open === "" ? line.trim() : `\n${line}`;
    if ((open.match(/'/g) ?? []).length % 2 === 1) continue; // a quote is open
    found.push(open.trim());
    open = "";
  }
  if (open !== "") throw new Error(`a quote is not closed: ${open}`);
  return found;
}
