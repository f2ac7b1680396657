/** The command line of the project's programs. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** How a task is started on a machine that has nothing but Node. */
export const TASK = "npx -y deno@2.9.5 task";

/** Ends the program for a mistake in its options: says which, then its help; exit code 2. */
export function usageError(message: string, help: string): never {
  console.error(`${message}\n\n${help}`);
  Deno.exit(2);
}

/**
 * The options of this program, by the names and types of `node:util`'s parseArgs. With --help or -h it prints
 * the help and ends with 0; what it does not know is a mistake.
 */
export function commandLine<T extends ParseArgsConfig>(
  help: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (Deno.args.some((one) => one === "--help" || one === "-h")) {
    console.log(help);
    Deno.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error), help);
  }
}
