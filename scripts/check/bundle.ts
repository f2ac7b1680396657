/**
 * Each function bundles, and is smaller than Supabase takes: 20 MB when the CLI bundles, 5 MB when
 * the server does. https://supabase.com/docs/guides/troubleshooting/edge-function-bundle-size-issues
 *
 * Two figures. *Bundled*: what `deno bundle` makes of the function, which also proves that every import
 * is found. *Whole*: the function's modules and every file of every npm package under them, unpacked; the
 * CLI's archive holds whole packages and compresses them, so it is smaller than this.
 */
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { functionNames, functionsDir, type Graph, graphOf } from "./graph.ts";
import { deno, lastLines } from "./run.ts";
import { error, type Finding, type Step } from "./step.ts";

const largestBundled = 5_000_000;
const largestWhole = 20_000_000;

function sizeOf(directory: string): number {
  let size = 0;
  for (const entry of Deno.readDirSync(directory)) {
    if (entry.name === "node_modules") continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory) size += sizeOf(path);
    else if (entry.isFile) size += Deno.statSync(path).size;
  }
  return size;
}

/** The npm packages that a graph reaches: those it imports, and theirs. */
export function packagesOf(graph: Graph): string[] {
  const reached = new Set<string>();
  const open = graph.modules.flatMap((module) => module.npmPackage ?? []);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...graph.npmPackages[name]?.dependencies ?? []);
  }
  return [...reached].sort();
}

const sizes = new Map<string, number>();
function packageSize(graph: Graph, name: string): number {
  const path = graph.npmPackages[name]?.localPath;
  if (path === undefined) throw new Error(`Deno does not say where ${name} lies`);
  const size = sizes.get(path) ?? sizeOf(path);
  sizes.set(path, size);
  return size;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

export const bundle: Step = {
  name: "bundle",
  description: "each function bundles, and is under Supabase's limits of size",
  async run(context) {
    const findings: Finding[] = [];
    const out = Deno.makeTempDirSync();
    context.later(() => Deno.removeSync(out, { recursive: true }));
    let [bundledMost, wholeMost] = [0, 0];
    for (const name of functionNames()) {
      const folder = join(functionsDir, name);
      const where = `supabase/functions/${name}`;
      const file = join(out, `${name}.js`);
      const config = join(folder, "deno.json");
      const ran = await deno(
        ...["bundle", "--quiet", "--no-lock", "--platform", "deno", "--config", config],
        ...["-o", file, join(folder, "index.ts")],
      );
      if (ran.code !== 0) {
        findings.push(error(lastLines(ran, 15), where));
        continue;
      }
      const bundled = Deno.statSync(file).size;
      const graph = await graphOf(context, name, join(projectRoot, "deno.json"));
      const own = graph.modules.reduce((sum, module) => sum + (module.size ?? 0), 0);
      const whole = packagesOf(graph).reduce((sum, one) => sum + packageSize(graph, one), own);
      if (bundled > largestBundled) {
        findings.push(
          error(
            `the bundle has ${megabytes(bundled)}, at most ${megabytes(largestBundled)}`,
            where,
          ),
        );
      }
      if (whole > largestWhole) {
        findings.push(
          error(`with its packages ${megabytes(whole)}, at most ${megabytes(largestWhole)}`, where),
        );
      }
      bundledMost = Math.max(bundledMost, bundled);
      wholeMost = Math.max(wholeMost, whole);
    }
    const note = `largest ${megabytes(bundledMost)} bundled, ${
      megabytes(wholeMost)
    } with whole packages`;
    return { findings, note };
  },
};
