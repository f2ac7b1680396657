/**
 * One edge function, unmodified, alone in a process as in a fresh isolate, so that the CPU and memory
 * of the process are the function's. Usage: function_process.ts ENTRY
 * Prints its port, then its usage for each line that it is sent.
 */
import { questions } from "./lines.ts";
import { UsageMeter } from "./usage.ts";

const meter = new UsageMeter();
const print = console.log;
// The function's own words are not answers.
console.log = () => {};

const serve = Deno.serve;
Object.assign(Deno, {
  serve: (handler: Deno.ServeHandler) =>
    serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => print(JSON.stringify({ port })),
    }, handler),
});
Object.assign(globalThis, { EdgeRuntime: { waitUntil: (work: Promise<unknown>) => work } });

await import(Deno.args[0] ?? "");
for await (const _ of questions()) print(JSON.stringify(meter.take()));
Deno.exit(0);
