/** A person who has just cloned the project: a user of this machine, a home, and the commands of the README. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, type RunUser } from "../../local/paths.ts";
import { makeTemporaryDir } from "../../local/temporary.ts";

/** Where the README's commands find what was fetched before. */
export interface Newcomer {
  /** null for whoever runs the tests. */
  user: RunUser | null;
  /** A directory of theirs, outside the project. */
  base: string;
  env: Record<string, string>;
}

/** Where a newcomer types a command. */
export interface Place extends Newcomer {
  dir: string;
  /** Octal: what they keep from others. */
  umask: string;
}

interface Ran {
  code: number;
  /** What it printed, standard error included. */
  output: string;
}

const decoder = new TextDecoder();

/**
 * Makes a directory for a newcomer. Another user gets a home in it with copies of what npm and Deno keep, which
 * saves fetching it again; the Postgres installation and the prepared database are always made anew.
 */
export async function newcomer(user: RunUser | null): Promise<Newcomer> {
  const base = makeTemporaryDir();
  const [npm, deno] = [await npmCache(), await denoDir()];
  const env = { ...environment(), STACK_CACHE_DIR: join(base, "stack-cache") };
  const own = { npm_config_cache: npm, DENO_DIR: deno, HOME: Deno.env.get("HOME") ?? base };
  if (user === null) return { user, base, env: { ...env, ...own } };
  const home = join(base, "home");
  Deno.mkdirSync(join(home, ".cache/deno"), { recursive: true });
  // What is missing, or goes while it is copied, is fetched.
  await sh(`cp -R "$1" "$2" || true`, npm, join(home, ".npm"));
  await sh(`cp -R "$1" "$2" || true`, join(deno, "npm"), join(home, ".cache/deno/npm"));
  await sh(`chown -R "$1" "$2" && chmod 700 "$2"`, `${user.uid}:${user.gid}`, home);
  return { user, base, env: { ...environment(), HOME: home } };
}

/** Whether a user of this machine (null: this one) can run a program that is on the path. */
export function canRun(program: string, user: RunUser | null): boolean {
  try {
    const { success } = new Deno.Command(program, {
      args: ["--version"],
      cwd: "/",
      ...(user ?? {}),
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success;
  } catch {
    return false;
  }
}

/** Whether the project is a clone itself, so that what is committed can be cloned. */
export function isClone(): boolean {
  return existsSync(join(projectRoot, ".git")) && canRun("git", null);
}

/** Clones what is committed into `to`; `umask` (octal) is what the files keep from others. */
export async function cloneProject(
  { base }: Newcomer,
  to: string,
  umask: string,
): Promise<void> {
  // The project may belong to somebody else than the one who runs the tests.
  const trust = join(base, "gitconfig");
  Deno.writeTextFileSync(trust, "[safe]\n\tdirectory = *\n");
  await sh(
    `umask "$1" && GIT_CONFIG_GLOBAL="$2" git clone --quiet --no-hardlinks "$3" "$4"`,
    umask,
    trust,
    projectRoot,
    to,
  );
}

/** Lets a directory and all in it belong to the newcomer. */
export async function give({ user }: Newcomer, path: string): Promise<void> {
  if (user !== null) await sh(`chown -R "$1" "$2"`, `${user.uid}:${user.gid}`, path);
}

/** Runs a shell line as the newcomer, without input, for at most two minutes. */
export async function run({ user, env, dir, umask }: Place, line: string): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", `umask ${umask}; ${line}`],
    cwd: dir,
    ...(user ?? {}),
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(120_000),
  }).output();
  return { code, output: decoder.decode(stderr) + decoder.decode(stdout) };
}

/** What a shell needs, and what the network of this machine needs; nothing that npm or Deno set for this process. */
function environment(): Record<string, string> {
  const wanted = /^(PATH|LANG|.*proxy|npm_config_registry|.*CERT.*)$/i;
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => wanted.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}

async function npmCache(): Promise<string> {
  return (await sh("npm config get cache")).trim();
}

async function denoDir(): Promise<string> {
  return JSON.parse(await sh(`"$1" info --json`, Deno.execPath())).denoDir;
}

async function sh(line: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", line, "sh", ...args],
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${line} (${args.join(", ")}): ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
