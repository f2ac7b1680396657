/** Where the stack keeps things, and as whom Postgres runs. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The directory that holds `deno.json`. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** The user that Postgres runs as; null means: as the one who started the stack. */
export interface RunUser {
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root: then it runs as `nobody`.
 * @throws when root has no such user to run it as, or on Windows outside WSL.
 */
export function runUser(): RunUser | null {
  if (Deno.build.os === "windows") {
    throw new Error("The local stack runs on Linux and macOS; on Windows use it inside WSL.");
  }
  if (Deno.uid() !== 0) return null;
  const line = Deno.readTextFileSync("/etc/passwd").split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error("Running as root needs a user `nobody` in /etc/passwd to run Postgres as.");
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * The per-user directory for what can be made again: the Postgres installation and prepared databases.
 * `STACK_CACHE_DIR` overrides it. For root it lies outside root's home, which `nobody` cannot enter.
 */
export function cacheDir(): string {
  const named = Deno.env.get("STACK_CACHE_DIR");
  const dir = named ?? defaultCacheDir();
  Deno.mkdirSync(dir, { recursive: true, mode: 0o755 });
  if (named === undefined && Deno.uid() !== Deno.statSync(dir).uid) {
    throw new Error(`${dir} belongs to somebody else: remove it, or set STACK_CACHE_DIR.`);
  }
  return Deno.realPathSync(dir);
}

function defaultCacheDir(): string {
  if (Deno.uid() === 0) return "/var/tmp/local-supabase";
  const home = Deno.env.get("HOME");
  const base = Deno.env.get("XDG_CACHE_HOME") ??
    (home === undefined
      ? undefined
      : join(home, Deno.build.os === "darwin" ? "Library/Caches" : ".cache"));
  return base === undefined
    ? `/var/tmp/local-supabase-${Deno.uid()}`
    : join(base, "local-supabase");
}

/** Makes a directory that the run user owns, and lets that user walk to it. */
export function makeOwnedDir(path: string, user: RunUser | null): void {
  Deno.mkdirSync(path, { recursive: true });
  if (user !== null) Deno.chownSync(path, user.uid, user.gid);
}

/** Whether another user may walk down to `path` (each directory above it lets everybody through). */
export function othersCanReach(path: string): boolean {
  for (let dir = path; dir !== "/" && dir !== "."; dir = join(dir, "..")) {
    const mode = Deno.statSync(dir).mode;
    if (mode === null || (mode & 0o001) === 0) return false;
  }
  return true;
}
