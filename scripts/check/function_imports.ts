/**
 * Each edge function has its own `deno.json`, which the Supabase CLI deploys with it. It holds exactly
 * the packages that the function loads, at the versions of the root `deno.json`. So does the one of the
 * image that runs workers outside the edge runtime.
 */
import { TASK } from "../../local/command_line.ts";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../../local/paths.ts";
import { readIfThere, readProjectFile } from "./files.ts";
import {
  allGraphs,
  brokenImports,
  type Graph,
  graphOf,
  graphOfProgram,
  localPath,
} from "./graph.ts";
import { error, type Finding, type Step } from "./step.ts";

const rootImports = () =>
  z.object({ imports: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readProjectFile("deno.json"))).imports;

/** The bare specifiers that a graph's own modules import, types included, sorted. */
export function bareSpecifiers(graph: Graph): string[] {
  const own = graph.modules.filter((module) => localPath(module.specifier) !== null);
  const bare = own.flatMap((module) => module.dependencies.map((one) => one.specifier))
    .filter((specifier) => !/^(\.{1,2}\/|\/|[a-z]+:)/.test(specifier));
  return [...new Set(bare)].sort();
}

/** The text of a function's `deno.json`, and what the root's import map does not know. */
export function functionConfig(
  graph: Graph,
  root: Record<string, string>,
): { text: string; unknown: string[] } {
  const used = bareSpecifiers(graph);
  const imports = used.flatMap((name) => root[name] === undefined ? [] : [[name, root[name]]]);
  return {
    text: JSON.stringify({ imports: Object.fromEntries(imports) }, null, 2) + "\n",
    unknown: used.filter((name) => root[name] === undefined),
  };
}

/** Imports by full name: a version hidden in a source file, or code from another registry. */
function directImports(graph: Graph): Finding[] {
  return graph.modules.flatMap((module) => {
    const where = localPath(module.specifier);
    if (where === null) return [];
    return module.dependencies
      .filter(({ specifier }) => /^(npm|jsr|https?|data):/.test(specifier))
      .map(({ specifier }) =>
        error(`imports ${specifier}: only bare names, mapped in deno.json`, where)
      );
  });
}

export const functionImports: Step = {
  name: "imports",
  description: "each function's deno.json holds what it loads, pinned as in the root",
  async run(context) {
    const root = rootImports();
    const findings: Finding[] = [];
    const unpinned = Object.entries(root).filter(([, to]) =>
      !/^npm:(@[^/]+\/)?[^@]+@\d+\.\d+\.\d+[^^~*]*$/.test(to)
    );
    findings.push(
      ...unpinned.map(([name, to]) => error(`${name} is not pinned: ${to}`, "deno.json")),
    );

    for (const [name, graph] of await allGraphs(context)) {
      const path = `supabase/functions/${name}/deno.json`;
      const { text, unknown } = functionConfig(graph, root);
      findings.push(...directImports(graph));
      findings.push(...unknown.map((one) => error(`${one} is not in the root deno.json`, path)));
      const held = readIfThere(path);
      if (held !== text && !context.write) {
        findings.push(error(`out of date: ${TASK} check --write --only imports`, path));
        continue;
      }
      if (held !== text) await Deno.writeTextFile(join(projectRoot, path), text);
      const own = await graphOf(context, name, join(projectRoot, path));
      findings.push(...brokenImports(own).map(({ where, message }) => error(message, where)));
    }
    const image = "worker/docker/deno.json";
    const { text } = functionConfig(await graphOfProgram(context, "worker/main.ts"), root);
    if (readIfThere(image) !== text) {
      if (context.write) await Deno.writeTextFile(join(projectRoot, image), text);
      else findings.push(error(`out of date: ${TASK} check --write --only imports`, image));
    }
    return { findings, note: `${(await allGraphs(context)).size} functions` };
  },
};
