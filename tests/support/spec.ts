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

/** Every line of the `bash` blocks of a document that is a command, in order; continued lines are joined. */
export function commandsOf(document: string): string[] {
  const text = Deno.readTextFileSync(join(specDir, document));
  return [...text.matchAll(/^[ \t]*```bash\n([\s\S]*?)^[ \t]*```/gm)]
    .flatMap((match) => (match[1] ?? "").replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
