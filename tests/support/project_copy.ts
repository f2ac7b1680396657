/** A copy of the project, to be edited as a person would edit it. */
import { dirname, join } from "node:path";
import { projectRoot } from "../../local/paths.ts";
import { type Ran, run } from "../../scripts/check/run.ts";

/** What the commands about the schema need. */
const parts = ["deno.json", "deno.lock", "CHANGELOG.md", "local", "scripts", "supabase"];

export interface ProjectCopy {
  dir: string;
  migrationsDir: string;
  /** Runs `deno task …` in it, to its end. */
  task(...args: string[]): Promise<Ran>;
  /** Replaces a text that stands in one file of `supabase/schemas`, once; gives that file's name. */
  edit(from: string | RegExp, to: string): string;
  /** The names of the migrations. */
  migrations(): string[];
  remove(): void;
}

/** Copies into a temporary directory; the packages are those of the project. */
export function copyProject(): ProjectCopy {
  const dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "project-" }));
  for (const part of parts) copy(join(projectRoot, part), join(dir, part));
  Deno.symlinkSync(join(projectRoot, "node_modules"), join(dir, "node_modules"));
  const schemas = join(dir, "supabase/schemas");
  const migrationsDir = join(dir, "supabase/migrations");
  return {
    dir,
    migrationsDir,
    task: (...args) => run(Deno.execPath(), ["task", "-q", ...args], { cwd: dir }),
    edit(from, to) {
      const holding = filesUnder(schemas).filter((path) => {
        const text = Deno.readTextFileSync(path);
        return typeof from === "string" ? text.includes(from) : from.test(text);
      });
      const [path] = holding;
      if (path === undefined || holding.length > 1) {
        throw new Error(`${holding.length} files of supabase/schemas hold ${from}`);
      }
      Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(from, to));
      return path.slice(schemas.length + 1);
    },
    migrations: () => [...Deno.readDirSync(migrationsDir)].map(({ name }) => name).sort(),
    remove: () => Deno.removeSync(dir, { recursive: true }),
  };
}

function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) {
    Deno.mkdirSync(dirname(to), { recursive: true });
    Deno.copyFileSync(from, to);
    return;
  }
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}

function filesUnder(dir: string): string[] {
  return [...Deno.readDirSync(dir)].flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory ? filesUnder(path) : [path];
  });
}
