/** A function whose code changes runs the new code from its next request on, as `deno task start` has it. */
import assert from "node:assert/strict";
import { type Stack, startStack } from "../../../local/stack.ts";
import { until } from "../../support/until.ts";
import { functionsDir } from "./schema.ts";

const VERSION = "export const version = 1;";
const supabaseDir = functionsDir({
  one: `
    import { version } from "../_shared/version.ts";
    Deno.serve(() => new Response(String(version)));`,
  slow: `
    import { version } from "../_shared/version.ts";
    Deno.serve(async (request) => {
      console.log("began by", version);
      const ms = Number(new URL(request.url).search.slice(1));
      const wait = () => new Promise((done) => setTimeout(done, ms));
      EdgeRuntime.waitUntil(wait().then(wait).then(() => console.log("done in the background by", version)));
      await wait();
      return new Response(String(version));
    });`,
});
const shared = `${supabaseDir}/functions/_shared`;
Deno.mkdirSync(shared);
const write = (text: string, file = "version.ts") =>
  Deno.writeTextFileSync(`${shared}/${file}`, text);

async function ask(stack: Stack, path: string) {
  const response = await fetch(`${stack.url}/functions/v1/${path}`);
  return { status: response.status, text: await response.text() };
}
const logged = (stack: Stack, text: string) =>
  Deno.readTextFileSync(stack.functionsLog).split(text).length - 1;

let changes = 0;
/**
 * Changes the code and waits until that is noticed. A file that is written is emptied first, and a busy machine may
 * take the two for two changes: what is written after it, under a name of its own, shows that both are over.
 */
async function change(stack: Stack, text: string): Promise<void> {
  const last = `change_${++changes}.ts`;
  write(text);
  write("", last);
  await until("the change is noticed", () => logged(stack, `functions/_shared/${last}`) > 0);
}

Deno.test("functions whose code changes", async (t) => {
  write(VERSION);
  const stack = await startStack({
    migrations: false,
    cron: false,
    quiet: true,
    watch: true,
    supabaseDir,
  });
  try {
    await t.step("run the new code from the next request on, and the log says so", async () => {
      assert.equal((await ask(stack, "one")).text, "1");
      write("export const version = 2;");
      await until(
        "the change is noticed",
        () => logged(stack, "functions/_shared/version.ts changed") > 0,
      );
      assert.equal((await ask(stack, "one")).text, "2");
    });

    await t.step("end what they began with the old code, also in the background", async () => {
      await ask(stack, "slow?0");
      const begun = ask(stack, "slow?1000");
      await until("it began", () => logged(stack, "began by 2") === 2);
      await change(stack, "export const version = 3;");
      assert.equal((await ask(stack, "slow?0")).text, "3");
      assert.deepEqual(await begun, { status: 200, text: "2" });
      await until("the work is done", () => logged(stack, "done in the background by 2") === 2);
    });

    await t.step("say that they do not start, and start once they are mended", async () => {
      await change(stack, "export const version = ;");
      assert.equal((await ask(stack, "one")).status, 503);
      await change(stack, "export const version = 4;");
      assert.deepEqual(await ask(stack, "one"), { status: 200, text: "4" });
    });

    await t.step("do not mind what is no code of theirs", async () => {
      write("whatever", "notes.md");
      write("whatever", "version_test.ts");
      await change(stack, "export const version = 5;");
      assert.equal(logged(stack, "notes") + logged(stack, "version_test"), 0);
    });
  } finally {
    await stack.stop();
    Deno.removeSync(supabaseDir, { recursive: true });
  }
});
