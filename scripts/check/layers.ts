/** Who may import whom in `supabase/functions/_shared`: downward only. */
import { allGraphs, type Graph, localPath } from "./graph.ts";
import { error, type Finding, type Step } from "./step.ts";

/** A layer and those it may import besides itself. */
export const mayImport: Record<string, readonly string[]> = {
  domain: [],
  reading: ["domain"],
  sources: ["reading", "domain"],
  store: ["domain"],
  fetching: ["store", "reading", "domain"],
  actions: ["fetching", "sources", "reading", "store", "domain"],
  runtime: ["actions", "fetching", "sources", "reading", "store", "domain"],
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
  if (upper === lower || mayImport[upper].includes(lower)) return null;
  return `${upper} must not import ${lower} (${to}): it may import ${
    mayImport[upper].join(", ") || "nothing"
  }`;
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

export const layers: Step = {
  name: "layers",
  promise: "imports go downward: runtime → actions → fetching, sources → reading → domain",
  async run(workshop) {
    const seen = new Map<string, Finding | null>();
    for (const graph of (await allGraphs(workshop)).values()) {
      for (const [from, to] of importsOf(graph)) {
        const why = objection(from, to);
        seen.set(`${from}\n${to}`, why === null ? null : error(why, from));
      }
    }
    const findings = [...seen.values()].filter((finding) => finding !== null);
    return { findings, note: `${seen.size} imports` };
  },
};
