/** A real Chromium for tests: the one that npm ships, or one that is installed. */
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium } from "playwright-core";
import { cacheDir, exists, projectRoot } from "../../local/paths.ts";

/** Of `@sparticuz/chromium` in chromium/deno.json. */
const VERSION = "153.0.0";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

interface Found {
  path: string;
  env: Record<string, string>;
}

/** A browser, or why this machine has none: what tests are then skipped for. */
type Chromium = { found: Found } | { missing: string };

/** Looks for a browser that starts. `CHROMIUM_PATH` names another one. Never throws. */
export async function findChromium(): Promise<Chromium> {
  const named = Deno.env.get("CHROMIUM_PATH");
  if (named !== undefined) {
    return await starts(named, {}) ? { found: { path: named, env: {} } } : {
      missing: `CHROMIUM_PATH does not start: ${named}`,
    };
  }
  const shipped = await shippedByNpm();
  if (shipped !== null) return { found: shipped };
  for (const path of INSTALLED) {
    if (exists(path) && await starts(path, {})) return { found: { path, env: {} } };
  }
  return {
    missing:
      "no Chromium starts here: install one (Debian: apt-get install chromium), or set CHROMIUM_PATH",
  };
}

/** Starts it, without what it would ask of others; the caller closes it. */
export async function launch({ path, env }: Found): Promise<Browser> {
  return await chromium.launch({
    executablePath: path,
    env: { ...Deno.env.toObject(), ...env },
    args: [
      ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
      ...["--disable-gpu", "--disable-quic", "--disable-background-networking"],
      ...[
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--font-render-hinting=none",
      ],
    ],
  });
}

async function shippedByNpm(): Promise<Found | null> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return null;
  const home = join(cacheDir(), `chromium-${VERSION}`);
  const path = join(home, "chromium");
  if (!exists(path)) {
    try {
      await install(home);
    } catch (error) {
      console.error(
        `Chromium could not be had from npm: ${error instanceof Error ? error.message : error}`,
      );
      return null;
    }
  }
  // A machine without fonts of its own draws boxes.
  const fonts: Record<string, string> = exists("/etc/fonts/fonts.conf")
    ? {}
    : { FONTCONFIG_PATH: join(home, "fonts") };
  const libraries = { ...fonts, LD_LIBRARY_PATH: join(home, "lib") };
  // A bare Debian lacks libnss3 and its kin: then those of the package.
  for (const env of [fonts, libraries]) if (await starts(path, env)) return { path, env };
  return null;
}

/** Fetches the package by a lock file of its own: whoever only runs the demo does not fetch a browser. */
async function install(home: string): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    for (const name of ["deno.json", "deno.lock"]) {
      Deno.copyFileSync(join(projectRoot, "tests/support/chromium", name), join(dir, name));
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--frozen", "--quiet"],
      cwd: dir,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    await unpack(join(dir, "node_modules/@sparticuz/chromium/bin"), home);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Into a draft first: two test processes may do this at once, and one may be killed. */
async function unpack(bin: string, home: string): Promise<void> {
  const draft = `${home}.${crypto.randomUUID()}`;
  Deno.mkdirSync(join(draft, "fonts"), { recursive: true });
  const unpacked = (name: string) => brotliDecompressSync(Deno.readFileSync(join(bin, name)));
  Deno.writeFileSync(join(draft, "chromium"), unpacked("chromium.br"), { mode: 0o755 });
  await untar(unpacked("fonts.tar.br"), join(draft, "fonts"));
  await untar(unpacked("al2023.tar.br"), draft);
  try {
    Deno.renameSync(draft, home);
  } catch (error) {
    Deno.removeSync(draft, { recursive: true });
    if (!exists(join(home, "chromium"))) throw error;
  }
}

async function untar(archive: Uint8Array, dir: string): Promise<void> {
  const child = new Deno.Command("tar", { args: ["-x", "-C", dir], stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(archive);
  await writer.close();
  const { success } = await child.status;
  if (!success) throw new Error(`tar could not unpack into ${dir}`);
}

async function starts(path: string, env: Record<string, string>): Promise<boolean> {
  try {
    const browser = await launch({ path, env });
    await browser.close();
    return true;
  } catch {
    return false;
  }
}
