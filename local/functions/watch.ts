/** Noticing that the code of the functions has changed. */

/** An editor writes a file in several steps, and a person saves several files. */
const burstMs = 100;

/**
 * Calls back after files with code were written under a directory, once for all that come together, for
 * as long as the process lives. Tests are no code that runs.
 */
export async function watchCode(dir: string, changed: (files: string[]) => void): Promise<never> {
  const files = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const { kind, paths } of Deno.watchFs(dir)) {
    if (kind === "access") continue;
    for (const path of paths) if (isCode(path)) files.add(path);
    if (files.size === 0) continue;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const all = [...files].sort();
      files.clear();
      changed(all);
    }, burstMs);
  }
  throw new Error("the functions' folder is no longer watched");
}

function isCode(path: string): boolean {
  return /\.(?:[jt]sx?|mjs|json)$/.test(path) && !/_test\.[jt]s$/.test(path);
}
