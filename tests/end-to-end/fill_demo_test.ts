import assert from "node:assert/strict";
import { z } from "zod";
import { projectRoot } from "../../local/paths.ts";

const result = z.object({
  ok: z.boolean(),
  cycles: z.array(z.object({ status: z.string(), on_target: z.boolean().nullable() })),
  sources: z.array(z.object({ host: z.string(), lifecycle: z.string().nullable() })),
  checks: z.array(z.object({ name: z.string(), problems: z.array(z.string()) })),
});

Deno.test("two cycles of a day: sources are found, vehicles land, each value is its page's", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "demo/main.ts", "--fill", "--quick", "--json"],
    cwd: projectRoot,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(text.startsWith("{"), new TextDecoder().decode(stderr));
  const { ok, cycles, sources, checks } = result.parse(JSON.parse(text));
  const problems = checks.flatMap((it) =>
    it.problems.slice(0, 5).map((one) => `${it.name}: ${one}`)
  );
  assert.deepEqual(problems, []);
  assert.ok(ok);
  assert.equal(code, 0);
  assert.deepEqual(cycles.map(({ status }) => status), ["completed", "completed"]);
  const serving = sources.filter(({ lifecycle }) =>
    ["probation", "active"].includes(lifecycle ?? "")
  );
  assert.ok(serving.length >= 20, `${serving.length} sources serve`);
});
