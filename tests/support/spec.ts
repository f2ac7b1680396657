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

export interface Block {
  document: string;
  /** Line of the document (from 1) where the block begins. */
  line: number;
  text: string;
}

/** A document as it stands. */
export function textOf(document: string): string {
  return Deno.readTextFileSync(join(specDir, document));
}

/** Every fenced block of a language of a document, in order. */
export function blocksOf(document: string, language: string): Block[] {
  const text = textOf(document);
  const fenced = new RegExp(`^[ \\t]*\`\`\`${language}\\n([\\s\\S]*?)^[ \\t]*\`\`\``, "gm");
  return [...text.matchAll(fenced)].map((match) => ({
    document,
    line: text.slice(0, match.index).split("\n").length + 1,
    text: match[1] ?? "",
  }));
}

/** Every fenced `sql` block of a document, in order. */
export function sqlBlocks(document: string): Block[] {
  return blocksOf(document, "sql");
}

/** Every command of the `bash` blocks of a document, in order; lines that are continued, by a backslash or within quotes, are joined. */
export function commandsOf(document: string): string[] {
  return blocksOf(document, "bash").flatMap(({ text }) => commands(text.replace(/\\\n\s*/g, "")));
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
