/**
 * What a file exports, another one imports: a name that nobody imports is private to its file, or dead.
 * Read by regular expressions, which `deno fmt` makes reliable: one statement a line, one style.
 */
import { TASK } from "../../local/command_line.ts";
import { join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { lineOf, projectFiles, readProjectFile } from "./files.ts";
import { codeOnly } from "./hosted.ts";
import { error, type Finding, type Step } from "./step.ts";

/** Names that may be exported for nobody, each as `path#name` with the reason. */
const allowed: Readonly<Record<string, string>> = {};

/** Files whose exports are no hand-written names. */
const generated = /\/database\.types\.ts$/;
/** Code that only tests load. What nothing else imports must at least be used by its own file. */
const forTests = /_test\.ts$|(?:^|\/)testing\/|^tests\/(?!run\.ts$)/;

interface Export {
  name: string;
  /** Where its statement begins. */
  index: number;
  /** A declaration that loses its `export` is private; a name passed on from another file can only go. */
  passedOn: boolean;
}

/** The names that a source exports. */
export function exportsOf(source: string): Export[] {
  const declared =
    /^export (?:async )?(?:abstract )?(?:function\*? ?|const |class |interface |type (?!\{)|enum )(\w+)/gm;
  const lists = /^export (?:type )?\{([^}]*)\}/gm;
  return [
    ...[...source.matchAll(declared)].map(({ 1: name = "", index }) => ({
      name,
      index,
      passedOn: false,
    })),
    ...[...source.matchAll(lists)].flatMap(({ 1: list = "", index }) =>
      namesIn(list).map(({ outer }) => ({ name: outer, index, passedOn: true }))
    ),
  ];
}

/** The names between braces: what each is called in the file it comes from, and what afterwards. */
function namesIn(list: string): { inner: string; outer: string }[] {
  return list.split(",").map((one) => one.trim().replace(/^type /, "")).filter(Boolean)
    .map((one) => {
      const [inner = "", outer = inner] = one.split(/ as /);
      return { inner, outer };
    });
}

/** What a source imports of the project's own files: a relative address, and its names or all of them. */
export function importsIn(source: string): { from: string; names: string[] | "all" }[] {
  const some = /^(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm;
  const all = /^(?:import|export) \*(?: as \w+)? from "(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"/gm;
  return [
    ...[...source.matchAll(some)].map(({ 1: list = "", 2: from = "" }) => ({
      from,
      names: namesIn(list).map(({ inner }) => inner),
    })),
    ...[...source.matchAll(all)].map(({ 1: from, 2: lazily = "" }) => ({
      from: from ?? lazily,
      names: "all" as const,
    })),
  ];
}

interface Unused extends Export {
  path: string;
  /** Whether its own file uses it, so that only `export` has to go. */
  usedInside: boolean;
}

/** The exports that nobody needs, among these sources by path. */
export function unusedExports(sources: ReadonlyMap<string, string>): Unused[] {
  const importers = new Map<string, string[]>();
  const whole = new Set<string>();
  for (const [path, source] of sources) {
    for (const { from, names } of importsIn(source)) {
      const to = join(path, "..", from);
      if (names === "all") whole.add(to);
      else {
        for (const name of names) {
          importers.set(`${to}#${name}`, [...importers.get(`${to}#${name}`) ?? [], path]);
        }
      }
    }
  }
  const asked = [...sources].filter(([path]) =>
    !whole.has(path) && !generated.test(path) && !path.endsWith("_test.ts")
  );
  return asked
    .flatMap(([path, source]) => {
      const code = codeOnly(source);
      return exportsOf(source).flatMap((one): Unused[] => {
        const usedBy = importers.get(`${path}#${one.name}`) ?? [];
        const uses = code.match(new RegExp(`\\b${one.name}\\b`, "g"))?.length ?? 0;
        const usedInside = uses > 1 && !one.passedOn;
        const inUse = usedBy.some((by) => forTests.test(path) || !forTests.test(by));
        return inUse || (usedBy.length > 0 && usedInside) ? [] : [{ ...one, path, usedInside }];
      });
    });
}

/** A source without the word `export` before these declarations. */
export function withoutExport(source: string, unused: readonly Unused[]): string {
  const places = unused.map(({ index }) => index).sort((a, b) => b - a);
  return places.reduce(
    (text, index) => text.slice(0, index) + text.slice(index + "export ".length),
    source,
  );
}

export const exportsInUse: Step = {
  name: "exports",
  description: "what a file exports, another one imports",
  run({ write }) {
    const paths = projectFiles(".", ".ts");
    const sources = new Map(paths.map((path) => [path, readProjectFile(path)]));
    const found = unusedExports(sources).filter(({ path, name }) =>
      allowed[`${path}#${name}`] === undefined
    );
    const left = write ? found.filter(({ usedInside }) => !usedInside) : found;
    if (write) {
      const mended = Map.groupBy(found.filter((one) => one.usedInside), ({ path }) => path);
      for (const [path, unused] of mended) {
        const text = withoutExport(sources.get(path) ?? "", unused);
        Deno.writeTextFileSync(join(projectRoot, path), text);
      }
    }
    const findings: Finding[] = left.map(({ path, name, index, usedInside }) =>
      error(
        usedInside
          ? `only this file uses ${name}: ${TASK} check --write --only exports,format`
          : `nobody uses ${name}: it can go`,
        `${path}:${lineOf(sources.get(path) ?? "", index)}`,
      )
    );
    return { findings, note: `${paths.length} files` };
  },
};
