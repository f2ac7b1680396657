import { relative } from "node:path";
import { projectRoot } from "../../local/paths.ts";

const skipped = new Set([".git", "node_modules", ".stack", ".temp", ".branches"]);

/** Paths of all files of the project that end with one of these, sorted, relative to its root. */
export function projectFiles(under: string, ...endings: string[]): string[] {
  const found: string[] = [];
  const walk = (directory: string) => {
    for (const entry of Deno.readDirSync(directory)) {
      const path = `${directory}/${entry.name}`;
      if (skipped.has(entry.name)) continue;
      if (entry.isDirectory) walk(path);
      else if (
        entry.isFile && (endings.length === 0 || endings.some((end) => path.endsWith(end)))
      ) {
        found.push(relative(projectRoot, path));
      }
    }
  };
  walk(under === "." ? projectRoot : `${projectRoot}/${under}`);
  return found.sort();
}

export function readProjectFile(path: string): string {
  return Deno.readTextFileSync(`${projectRoot}/${path}`);
}

/** The text of a file of the project, or null when there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readProjectFile(path);
  } catch (problem) {
    if (problem instanceof Deno.errors.NotFound) return null;
    throw problem;
  }
}

/** Line, from 1, of a place in a text. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
