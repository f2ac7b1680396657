/**
 * What a hosted edge function lacks must not be used by one.
 * Supabase's limits: no web workers, no subprocesses, files of the function itself only.
 * https://supabase.com/docs/guides/functions/limits
 */
import { lineOf, readProjectFile } from "./files.ts";
import { allGraphs, localPath } from "./graph.ts";
import { error, type Finding, type Step } from "./step.ts";

/**
 * Members of `Deno` that hosted functions have and these need; `ext/runtime/js/denoOverrides.js` of
 * https://github.com/supabase/edge-runtime lists them. The last three are types.
 */
const allowedDeno = new Set([
  ...["serve", "env", "errors", "resolveDns", "connect", "startTls"],
  ...["Conn", "TcpConn", "TlsConn"],
]);

/** Built-in modules of Node that hosted functions have and these need. */
const allowedNode = new Set([
  ...["node:async_hooks", "node:buffer", "node:crypto", "node:dns", "node:process", "node:zlib"],
]);

/** Names that a hosted function has not, or must not rely on. */
const absent =
  /\bnew\s+(?:Shared)?Worker\s*\(|\blocalStorage\b|\bsessionStorage\b|\beval\s*\(|\bnew\s+Function\s*\(|\bimport\.meta\.dirname\b/g;

/** Typed arrays take a type argument from TypeScript 5.7 on; Deno 2.1, which hosted functions run on, has 5.6. */
const genericArray = /\b(?:(?:Ui|I)nt|Float|Big(?:Ui|I)nt)\d+(?:Clamped)?Array\s*</g;

/** The code with comments and the text of strings blanked, so that places stay where they are. */
export function codeOnly(source: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  return source.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g,
    (match) => match.startsWith("/") ? blank(match) : `"${blank(match.slice(1, -1))}"`,
  );
}

/** What a hosted function would miss in this source. */
export function missing(source: string): { line: number; message: string }[] {
  const code = codeOnly(source);
  const found: { line: number; message: string }[] = [];
  for (const match of code.matchAll(/\bDeno\.(\w+)/g)) {
    if (allowedDeno.has(match[1] ?? "")) continue;
    found.push({
      line: lineOf(code, match.index),
      message: `${match[0]} is not for hosted functions`,
    });
  }
  for (const match of code.matchAll(absent)) {
    found.push({
      line: lineOf(code, match.index),
      message: `${match[0]} is not for hosted functions`,
    });
  }
  for (const match of code.matchAll(genericArray)) {
    found.push({
      line: lineOf(code, match.index),
      message: `${match[0]} has no type argument under Deno 2.1, which hosted functions run on`,
    });
  }
  return found;
}

export const hosted: Step = {
  name: "hosted",
  description: "functions use nothing that a hosted edge function lacks",
  async run(context) {
    const findings: Finding[] = [];
    const seen = new Set<string>();
    for (const graph of (await allGraphs(context)).values()) {
      for (const module of graph.modules) {
        const path = localPath(module.specifier);
        if (path === null || module.error !== undefined || seen.has(path)) continue;
        seen.add(path);
        for (const { line, message } of missing(readProjectFile(path))) {
          findings.push(error(message, `${path}:${line}`));
        }
        for (const { specifier } of module.dependencies) {
          if (!specifier.startsWith("node:") || allowedNode.has(specifier)) continue;
          findings.push(error(`${specifier} is not in the list of scripts/check/hosted.ts`, path));
        }
      }
    }
    return { findings, note: `${seen.size} modules` };
  },
};
