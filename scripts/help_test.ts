/** Every program that a person starts says how it is used, and what its exit codes mean. */
import assert from "node:assert/strict";
import { readProjectFile } from "./check/files.ts";
import { deno, type Ran, run } from "./check/run.ts";

const config: { tasks: Record<string, string> } = JSON.parse(readProjectFile("deno.json"));
const tools = [
  "backfill-single-vehicle",
  "deploy-scraper-version",
  "export",
  "fill-report",
  "invoke",
  "replay-scraper",
  "today",
];

const programs = new Map<string, (...args: string[]) => Promise<Ran>>([
  ...Object.keys(config.tasks).map((name) =>
    [`deno task ${name}`, (...args: string[]) => deno("task", "-q", name, ...args)] as const
  ),
  ...tools.map((name) =>
    [
      `scripts/${name}.js`,
      (...args: string[]) => run("node", [`scripts/${name}.js`, ...args]),
    ] as const
  ),
  ["demo/site/main.ts", (...args) => deno("run", "-A", "demo/site/main.ts", ...args)],
]);

for (const [name, start] of programs) {
  Deno.test(`${name} --help says what its exit codes mean, and ends with 0`, async () => {
    const { code, stdout, stderr } = await start("--help");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /exit (?:code|status):? 0/i);
    assert.doesNotMatch(stdout, /(?<!npx -y )\bdeno(?:@\S+)? task/, "a bare machine has only npx");
  });

  Deno.test(`${name} ends with 2 at an option that it does not know`, async () => {
    const { code, stderr } = await start("--no-such-option");
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--no-such-option/);
  });
}
