/** Who may import whom in `supabase/functions/_shared`: downward only. */
import { dirname, join } from "node:path";
import { projectFiles, readProjectFile } from "./files.ts";
import { allGraphs, type Graph, graphOfProgram, localPath } from "./graph.ts";
import { error, type Finding, type Step } from "./step.ts";

/** A layer and those it may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  domain: [],
  html: ["domain"],
  learning: ["html", "domain"],
  vehicle: ["domain"],
  extraction: ["vehicle", "html", "domain"],
  sources: ["extraction", "learning", "vehicle", "html", "domain"],
  database: ["domain"],
  fetching: ["database", "extraction", "html", "domain"],
  workers: [
    ...["fetching", "sources", "extraction", "learning", "vehicle", "html", "database", "domain"],
  ],
  edge: ["workers", "fetching", "sources", "extraction", "database", "domain"],
};

function layerOf(path: string): string | null {
  return /^supabase\/functions\/_shared\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Why one file may not import another, or null when it may. */
export function objection(from: string, to: string): string | null {
  const [upper, lower] = [layerOf(from), layerOf(to)];
  if (upper === null) {
    // index.ts of a function: everything in _shared, nothing else.
    return lower === null ? `imports ${to}, which is not in _shared` : null;
  }
  if (lower === null) return `imports ${to}, which lies outside _shared`;
  if (mayImport[upper] === undefined) {
    return `${upper} is not a known layer (scripts/check/layers.ts)`;
  }
  if (isOfTests(to) && !isOfTests(from)) return `imports ${to}, which is there for tests only`;
  if (upper === lower || mayImport[upper].includes(lower)) return null;
  return `${upper} must not import ${lower} (${to}): it may import ${
    mayImport[upper].join(", ") || "nothing"
  }`;
}

/** A test, or what only tests use: no function loads it. */
function isOfTests(path: string): boolean {
  return path.endsWith("_test.ts") || path.includes("/testing/");
}

/** The local files that a file imports, by its text: no graph holds the tests, and one of each would take minutes. */
export function localImports(path: string, text: string): [string, string][] {
  return [...text.matchAll(/^(?:import|export|\}) ?[^"\n]*?"(\.[^"]+)";$/gm)]
    .map((match) => [path, join(dirname(path), match[1] ?? "")]);
}

function importsOfTests(): [string, string][] {
  return projectFiles("supabase/functions/_shared", ".ts").filter(isOfTests)
    .flatMap((path) => localImports(path, readProjectFile(path)));
}

function importsOf(graph: Graph): [string, string][] {
  return graph.modules.flatMap((module) => {
    const from = localPath(module.specifier);
    if (from === null) return [];
    return module.dependencies.flatMap(({ code, type }): [string, string][] => {
      const target = code?.specifier ?? type?.specifier;
      const to = target === undefined ? null : localPath(target);
      return to === null ? [] : [[from, to]];
    });
  });
}

/** A round of files that import each other, each named once and the first again at the end; null when there is none. */
export function circleIn(imports: readonly [string, string][]): string[] | null {
  const next = Map.groupBy(imports, ([from]) => from);
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (state.get(file) === "done") return null;
    if (state.get(file) === "open") return [...path.slice(path.indexOf(file)), file];
    state.set(file, "open");
    path.push(file);
    for (const [, to] of next.get(file) ?? []) {
      const circle = visit(to);
      if (circle !== null) return circle;
    }
    path.pop();
    state.set(file, "done");
    return null;
  };
  for (const file of next.keys()) {
    const circle = visit(file);
    if (circle !== null) return circle;
  }
  return null;
}

/** What is started by hand; all that these and the functions load is looked at for circles. */
const programs = [
  ...[
    "dashboard/main.ts",
    "dashboard/page/main.ts",
    "local/main.ts",
    "local/functions/host.ts",
    "local/functions/worker.ts",
  ],
  ...["demo/main.ts", "bench/main.ts", "tests/run.ts", "scripts/check.ts", "scripts/extract.ts"],
  ...["scripts/induce.ts", "scripts/migration.ts", "scripts/release.ts", "worker/main.ts"],
];

export const layers: Step = {
  name: "layers",
  description: "imports go downward (edge → workers → … → domain), and nowhere in a circle",
  async run(context) {
    const functions = [...(await allGraphs(context)).values()].flatMap(importsOf);
    const others = await Promise.all(programs.map((path) => graphOfProgram(context, path)));
    const ofShared = [...functions, ...importsOfTests()];
    const all = [...ofShared, ...others.flatMap(importsOf)];
    const distinct = new Map(all.map((one) => [one.join("\n"), one]));
    const upward = new Map(ofShared.map((one) => [one.join("\n"), one])).values().flatMap(
      ([from, to]) => {
        const why = objection(from, to);
        return why === null ? [] : [error(why, from)];
      },
    );
    const circle = circleIn([...distinct.values()]);
    const findings: Finding[] = [...upward];
    if (circle !== null) findings.push(error(`a circle: ${circle.join(" → ")}`, circle[0]));
    return { findings, note: `${distinct.size} imports` };
  },
};
