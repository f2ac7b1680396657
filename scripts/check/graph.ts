/** The modules that each edge function loads, as Deno resolves them. */
import { z } from "zod";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "../../local/paths.ts";
import { deno } from "./run.ts";
import type { CheckContext } from "./step.ts";

const info = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    kind: z.string().optional(),
    size: z.number().optional(),
    npmPackage: z.string().optional(),
    error: z.string().optional(),
    dependencies: z.array(z.object({
      specifier: z.string(),
      code: z.object({ specifier: z.string().optional(), error: z.string().optional() }).optional(),
      type: z.object({ specifier: z.string().optional(), error: z.string().optional() }).optional(),
    })).default([]),
  })),
  npmPackages: z.record(
    z.string(),
    z.object({ dependencies: z.array(z.string()), localPath: z.string().optional() }),
  ),
});
export type Graph = z.infer<typeof info>;

export const functionsDir = join(projectRoot, "supabase/functions");

/** Folders of edge functions: every one beside `_shared`. */
export function functionNames(): string[] {
  return [...Deno.readDirSync(functionsDir)]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith("_"))
    .map((entry) => entry.name).sort();
}

/**
 * The graph of one function, resolved with the import map of this configuration.
 * @throws when Deno cannot read it at all.
 */
export function graphOf(context: CheckContext, name: string, config: string): Promise<Graph> {
  return context.once(`graph ${name} ${config}`, async () => {
    const entry = join(functionsDir, name, "index.ts");
    const ran = await deno("info", "--json", "--no-lock", "--config", config, entry);
    if (ran.code !== 0) throw new Error(`deno info ${name}: ${ran.stderr}`);
    return info.parse(JSON.parse(ran.stdout));
  });
}

/** Every function's graph under the root's import map. */
export async function allGraphs(context: CheckContext): Promise<Map<string, Graph>> {
  const names = functionNames();
  const graphs = await Promise.all(
    names.map((name) => graphOf(context, name, join(projectRoot, "deno.json"))),
  );
  return new Map(names.flatMap((name, at) => graphs[at] ? [[name, graphs[at]]] : []));
}

/**
 * The graph of one of the project's own programs, a path relative to the project.
 * @throws when Deno cannot read it at all.
 */
export function graphOfProgram(context: CheckContext, path: string): Promise<Graph> {
  return context.once(`graph ${path}`, async () => {
    const ran = await deno("info", "--json", "--no-lock", join(projectRoot, path));
    if (ran.code !== 0) throw new Error(`deno info ${path}: ${ran.stderr}`);
    return info.parse(JSON.parse(ran.stdout));
  });
}

/** Path of a local module relative to the project, or null for one from elsewhere. */
export function localPath(specifier: string): string | null {
  return specifier.startsWith("file:") ? relative(projectRoot, fileURLToPath(specifier)) : null;
}

/** What went wrong in resolving a module's imports, one line each. */
export function brokenImports(graph: Graph): { where: string; message: string }[] {
  return graph.modules.flatMap((module) => {
    const where = localPath(module.specifier) ?? module.specifier;
    const own = module.error === undefined ? [] : [{ where, message: module.error }];
    return [
      ...own,
      ...module.dependencies.flatMap(({ code, type }) => {
        const message = code?.error ?? type?.error;
        return message === undefined ? [] : [{ where, message }];
      }),
    ];
  });
}
