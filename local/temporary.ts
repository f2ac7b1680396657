/** Directories of stacks that are forgotten when they stop. */
import { dirname, join } from "node:path";
import process from "node:process";
import { closedDir, runUser } from "./paths.ts";

const prefix = "stack-";
const owner = "owner.pid";

/** A fresh directory; those whose stacks were killed before they could tidy up are removed. */
export function makeTemporaryDir(): string {
  // Postgres may run as another user, who must be able to walk through.
  let dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix }));
  if (runUser() !== null && closedDir(dirname(dir)) !== null) {
    Deno.removeSync(dir);
    dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix, dir: "/tmp" }));
  }
  Deno.chmodSync(dir, 0o711);
  Deno.writeTextFileSync(join(dir, owner), String(Deno.pid));
  removeAbandoned(join(dir, ".."));
  return dir;
}

function removeAbandoned(parent: string): void {
  for (const entry of Deno.readDirSync(parent)) {
    const dir = join(parent, entry.name);
    if (!entry.isDirectory || !entry.name.startsWith(prefix)) continue;
    try {
      const pid = Number(Deno.readTextFileSync(join(dir, owner)));
      if (!isAlive(pid)) Deno.removeSync(dir, { recursive: true });
    } catch { /* somebody else's, or being made or removed just now */ }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
