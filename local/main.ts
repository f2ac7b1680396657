import { startStack } from "./stack.ts";

const stack = await startStack();
console.log(stack.dbUrl);
console.log(stack.adminDbUrl);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, async () => {
    await stack.stop();
    Deno.exit(0);
  });
}
await new Promise(() => {});
