/**
 * function_process.ts for a worker of a queue that says what it holds: prints the ids that each
 * claim gave it. Usage: pipeline_process.ts ENTRY
 */
const print = console.log;
const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const answer = await realFetch(input, init);
  const url = input instanceof Request ? input.url : String(input);
  if (url.endsWith("/rpc/claim_queue") && answer.ok) {
    const rows = await answer.clone().json() as { id: string }[];
    print(JSON.stringify({ claimed: rows.map(({ id }) => id) }));
  }
  return answer;
};

await import("./function_process.ts");
