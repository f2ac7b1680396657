/** Where the stack keeps its files, and as whom Postgres runs. */
import { dirname, join } from "node:path";
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
 * `STACK_CACHE_DIR` overrides it.
 * @throws when it belongs to somebody else, or the user that Postgres runs as cannot enter it.
 */
export function cacheDir(): string {
  const named = Deno.env.get("STACK_CACHE_DIR");
  const dir = openDir(named ?? defaultCacheDir());
  if (named === undefined && Deno.uid() !== Deno.statSync(dir).uid) {
    throw new Error(`${dir} belongs to somebody else: remove it, or set STACK_CACHE_DIR.`);
  }
  return dir;
}

/** Makes a directory that every user may enter, whatever the umask. @returns its real path */
function openDir(path: string): string {
  if (!exists(path)) {
    Deno.mkdirSync(path, { recursive: true });
    Deno.chmodSync(path, 0o755);
  }
  const dir = Deno.realPathSync(path);
  const closed = runUser() === null ? null : closedDir(dir);
  if (closed !== null) {
    throw new Error(
      `Started by root, Postgres runs as nobody, who cannot enter ${closed}, and has to reach ${dir}: ` +
        `chmod o+x ${closed}, or choose another directory.`,
    );
  }
  return dir;
}

/**
 * For root outside root's home, which others may not enter, and outside /var/tmp: there systemd removes what was not
 * used for thirty days file by file, which leaves half an installation.
 */
function defaultCacheDir(): string {
  if (Deno.uid() === 0) return "/var/cache/local-supabase";
  const home = Deno.env.get("HOME");
  const base = Deno.env.get("XDG_CACHE_HOME") ??
    (home === undefined
      ? undefined
      : join(home, Deno.build.os === "darwin" ? "Library/Caches" : ".cache"));
  return base === undefined
    ? `/var/tmp/local-supabase-${Deno.uid()}`
    : join(base, "local-supabase");
}

/** Where root keeps the databases of checkouts: Postgres is another user then, who may not be let into those. */
export function rootDatabasesDir(): string {
  return openDir("/var/lib/local-supabase");
}

/** Makes a directory that the run user owns. @returns its path */
export function makeOwnedDir(path: string, user: RunUser | null): string {
  Deno.mkdirSync(path, { recursive: true });
  if (user !== null) Deno.chownSync(path, user.uid, user.gid);
  return path;
}

/** The directory on the way down to `path`, which is absolute, that does not let every user through; null when all do. */
export function closedDir(path: string): string | null {
  const above = path === "/" ? null : closedDir(dirname(path));
  if (above !== null) return above;
  const mode = Deno.statSync(path).mode;
  return mode === null || (mode & 0o001) === 0 ? path : null;
}

/** Whether something lies at this path, a link that leads nowhere included. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
