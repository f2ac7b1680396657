/** `deno task status`. */
import { join } from "node:path";
import { TASK } from "./command_line.ts";
import { projectRoot } from "./paths.ts";
import { readState } from "./state.ts";

/** Prints what the running stack says of itself. @returns the exit code: 1 when none runs. */
export async function status(options: { json?: boolean; dir?: string }): Promise<number> {
  const state = await readState(options.dir ?? join(projectRoot, ".stack"));
  if (state === null) {
    console.error(`The local stack is not running; start it with: ${TASK} start`);
    return 1;
  }
  if (options.json) console.log(JSON.stringify(state.values, null, 2));
  else for (const [name, value] of Object.entries(state.values)) console.log(`${name}="${value}"`);
  return 0;
}
