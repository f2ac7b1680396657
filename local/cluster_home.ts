/** Where the database cluster of a stack's directory lies. */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { closedDir, exists, makeOwnedDir, rootDatabasesDir, type RunUser } from "./paths.ts";

/**
 * `db` in the stack's directory. As root, Postgres is another user, who may not be let into a checkout, now or
 * later: then `db` is a link to a directory outside. One that lies there already stays.
 * @returns the real path of the directory, made if there was none
 * @throws when what was kept cannot be reached by the user that Postgres runs as, or is gone
 */
export function openClusterHome(dataDir: string, user: RunUser | null): string {
  const home = join(dataDir, "db");
  if (!exists(home)) {
    if (user === null) makeOwnedDir(home, user);
    else Deno.symlinkSync(earlierHome(dataDir) ?? makeRootHome(user), home);
  }
  const real = realHome(home);
  const closed = user === null ? null : closedDir(dirname(real));
  if (closed !== null) {
    throw new Error(
      `The database in ${real} cannot be started: as root Postgres runs as nobody, who cannot enter ${closed}. ` +
        `Let others through (chmod o+x ${closed}), or begin with an empty database: --reset`,
    );
  }
  return real;
}

/** Deletes the cluster of a stack's directory, if there is one, wherever it lies. */
export function removeClusterHome(dataDir: string): void {
  if (!exists(dataDir)) return;
  const earlier = Deno.uid() === 0 ? earlierHome(Deno.realPathSync(dataDir)) : null;
  if (earlier !== null) Deno.removeSync(earlier, { recursive: true });
  const home = join(dataDir, "db");
  if (!exists(home)) return;
  if (Deno.lstatSync(home).isSymlink) {
    const target = Deno.readLinkSync(home);
    // Only what was made above: a link that a person made leads to what is theirs.
    if (Deno.uid() === 0 && exists(target) && dirname(target) === rootDatabasesDir()) {
      Deno.removeSync(target, { recursive: true });
    }
  }
  Deno.removeSync(home, { recursive: true });
}

/** Where root's database lay before release 0.1.0, when its checkout was closed to others; null when there is none. */
function earlierHome(dataDir: string): string | null {
  const cache = Deno.env.get("STACK_CACHE_DIR") ?? "/var/tmp/local-supabase";
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const home = join(cache, `data-${name}`);
  // Anybody may write to /var/tmp: what lies there is ours only if root made it.
  return exists(join(home, "data")) && Deno.statSync(cache).uid === 0 ? home : null;
}

function makeRootHome(user: RunUser): string {
  return makeOwnedDir(Deno.makeTempDirSync({ dir: rootDatabasesDir(), prefix: "db-" }), user);
}

function realHome(home: string): string {
  try {
    return Deno.realPathSync(home);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const target = Deno.readLinkSync(home);
    throw new Error(
      `${home} leads to ${target}, which is gone. Begin with an empty database: --reset`,
    );
  }
}
