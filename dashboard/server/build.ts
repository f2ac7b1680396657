/** Making the files of the dashboard: any host that serves files can serve them. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { type Api, policyForMeta, securityHeaders } from "./policy.ts";

const pageDir = join(projectRoot, "dashboard/page");

/** Bytes by file name; all but `index.html` and `_headers` have their hash in their name. */
export type Built = Map<string, Uint8Array<ArrayBuffer>>;

interface BuildOptions {
  api: Api;
  /** Whether the page offers to sign in by one click: only the local server can. */
  local: boolean;
}

/** @throws Error with what the bundler said when the page cannot be bundled. */
export async function buildDashboard({ api, local }: BuildOptions): Promise<Built> {
  const built: Built = new Map();
  const add = (name: string, ending: string, bytes: Uint8Array<ArrayBuffer>) => {
    const hashed = `${name}-${hashOf(bytes)}.${ending}`;
    built.set(hashed, bytes);
    return hashed;
  };
  const script = add("dashboard", "js", await bundled(join(pageDir, "main.ts")));
  const style = add("dashboard", "css", bytesOf(compact(await read("style.css"))));
  const icon = add("icon", "svg", bytesOf(await read("icon.svg")));
  const values: Record<string, string> = {
    POLICY: policyForMeta(api),
    API_URL: api.url,
    API_KEY: api.key,
    LOCAL: local ? "yes" : "no",
    SCRIPT: script,
    STYLE: style,
    ICON: icon,
  };
  const html = (await read("index.html"))
    .replace(/\{([A-Z_]+)\}/g, (whole, name: string) => escaped(values[name] ?? whole));
  built.set("index.html", bytesOf(html));
  const headers = Object.entries(securityHeaders(api)).map(([name, value]) =>
    `  ${name}: ${value}`
  );
  // Netlify, Cloudflare Pages and others read this file; elsewhere it does no harm.
  built.set("_headers", bytesOf(`/*\n${headers.join("\n")}\n`));
  return built;
}

/** Writes the files into a directory, which is made; files of an older build stay, for pages still open. */
export async function writeDashboard(dir: string, built: Built): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  for (const [name, bytes] of built) await Deno.writeFile(join(dir, name), bytes);
}

async function bundled(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const out = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "browser", "--minify", "-o", out, entry],
      cwd: projectRoot,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code !== 0) {
      throw new Error(`The dashboard cannot be bundled:\n${new TextDecoder().decode(stderr)}`);
    }
    return await Deno.readFile(out);
  } finally {
    await Deno.remove(out);
  }
}

/** A style sheet without its comments and indentation. */
function compact(css: string): string {
  return css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\n\s+/g, "\n").replace(/\n+/g, "\n").trim();
}

const read = (name: string) => Deno.readTextFile(join(pageDir, name));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
