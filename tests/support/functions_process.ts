/**
 * All edge functions, unmodified, in one process behind one port: for tests that ask them thousands of
 * times, which with a worker for each is mostly the starting of workers.
 * Usage: functions_process.ts NAME…
 * Prints its port. `POST /NAME` asks a function, `GET /memory` gives the bytes that the process holds.
 */
const serve = Deno.serve;
const print = console.log;
const handlers = new Map<string, Deno.ServeHandler>();

// The functions' own words are not for the one who reads the port, and say nothing that an answer does not.
for (const level of ["log", "info", "warn", "error"] as const) console[level] = () => {};
Object.assign(globalThis, { EdgeRuntime: { waitUntil: (work: Promise<unknown>) => work } });
for (const name of Deno.args) {
  Object.assign(Deno, { serve: (handler: Deno.ServeHandler) => handlers.set(name, handler) });
  await import(new URL(`../../supabase/functions/${name}/index.ts`, import.meta.url).href);
}

serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => print(port),
}, (request, info) => {
  const name = new URL(request.url).pathname.slice(1);
  if (name === "memory") return Response.json(Deno.memoryUsage().rss);
  return handlers.get(name)?.(request, info) ?? new Response("no such function", { status: 404 });
});
