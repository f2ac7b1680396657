/** Texts that no file may hold, and files that have grown too long. */
import { lineOf, projectFiles, readProjectFile } from "./files.ts";
import { error, type Finding, type Step, warning } from "./step.ts";

interface Forbidden {
  what: string;
  pattern: RegExp;
}

/** Each pattern is written so that it does not match itself. */
const forbidden: Forbidden[] = [
  { what: "an access token of Supabase", pattern: /\bsbp_[a-f0-9]{20,}/g },
  { what: "a secret key of Supabase", pattern: /\bsb_secret_[A-Za-z0-9_-]{20,}/g },
  {
    what: "a signed token",
    pattern: /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}/g,
  },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
  {
    what: "a key of a cloud",
    pattern: /\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bsk-(?:proj-)?[A-Za-z0-9_-]{24,}/g,
  },
  { what: "a project's address", pattern: /https:\/\/[a-z]{20}\.supabase\.(?:co|in)\b/g },
  {
    what: "a path of somebody's machine",
    pattern: /(?<![\w.$}])\/(?:work|home|Users)\/[a-z][\w-]*\/|\b[A-Z]:\\Users\\/g,
  },
  {
    what: "an action that is not pinned by its hash",
    pattern: /\buses: [\w/-]+@(?![0-9a-f]{40} # v\d)\S+/g,
  },
  {
    what: "a TODO without a reason: `TODO: why, and when it can go`",
    pattern: /(?:\/\/|\/\*|--|^\s*[#*])\s*(?:TODO|FIXME|XXX|HACK)\b(?!: \S+ \S+)/gm,
  },
];

/** What a text holds that it must not. */
export function forbiddenIn(text: string): { line: number; message: string }[] {
  return forbidden.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      line: lineOf(text, match.index),
      message: `${what}: ${match[0].slice(0, 24)}`,
    }))
  );
}

const written = [".ts", ".sql", ".sh", ".md", ".json", ".toml", ".yml", ".yaml", ".html", "/run"];

export const texts: Step = {
  name: "texts",
  description: "no keys, no paths of one machine, no TODO without a reason",
  run() {
    const files = projectFiles(".", ...written)
      .filter((path) => path !== "scripts/check/texts.ts");
    const findings = files.flatMap((path) =>
      forbiddenIn(readProjectFile(path)).map(({ line, message }) =>
        error(message, `${path}:${line}`)
      )
    );
    return { findings, note: `${files.length} files` };
  },
};

const longest = 300;
const generated = /database\.types\.ts$|\/golden\//;

export const length: Step = {
  name: "length",
  description: `files of at most ${longest} lines (longer ones are named, and pass)`,
  run() {
    const files = projectFiles(".", ".ts", ".sql").filter((path) => !generated.test(path));
    const findings: Finding[] = files.flatMap((path) => {
      const lines = readProjectFile(path).split("\n").length - 1;
      return lines > longest ? [warning(`${lines} lines`, path)] : [];
    });
    return { findings, note: `${files.length} files` };
  },
};
