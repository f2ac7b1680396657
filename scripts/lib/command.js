/** What the command-line tools share: options, one clear line for an error, exit codes. Plain node, no packages. */
"use strict";

const process = require("node:process");
const { parseArgs } = require("node:util");

/** A mistake of the one who called: exit code 2. Anything else that fails: exit code 1. */
class UsageError extends Error {}

/** The first sentence of node's words about an option. */
function firstSentence(message) {
  return message.split(/\. (?=[A-Z])/)[0].replace(/\.$/, "");
}

/**
 * Reads `--flag value` and `--flag=value`.
 * @param {string[]} argv without node and the script
 * @param {{ names: string[], flags: Record<string, "text" | "switch"> }} spec names of what stands
 *   without a flag; flags, besides --help and --json
 * @returns {{ values: Record<string, string>, flags: Record<string, string | boolean | undefined> }}
 * @throws {UsageError}
 */
function readArguments(argv, { names, flags }) {
  const options = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } };
  for (const [flag, kind] of Object.entries(flags)) {
    options[flag] = { type: kind === "switch" ? "boolean" : "string" };
  }
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(firstSentence(error.message));
  }
  if (parsed.values.help) return { values: {}, flags: { help: true } };
  const given = parsed.positionals;
  if (given.length < names.length) throw new UsageError(`${names[given.length]} is missing`);
  if (given.length > names.length) {
    throw new UsageError(`one argument too many: "${given[names.length]}"`);
  }
  return {
    values: Object.fromEntries(names.map((name, at) => [name, given[at]])),
    flags: parsed.values,
  };
}

/** Ends as other programs do whose reader has gone (`| head`): without a word, as by SIGPIPE. */
function endWithReader() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(128 + 13);
    });
  }
}

/**
 * Runs a tool: prints its help, or does its work; an error is one line on stderr.
 * @param {{ help: string, names: string[], flags: Record<string, "text" | "switch">,
 *   main: (values: Record<string, string>, flags: Record<string, string | boolean | undefined>) => Promise<number | void> }} tool
 *   `main` gives the exit code, 0 when it gives none
 */
async function run(tool) {
  endWithReader();
  try {
    const { values, flags } = readArguments(process.argv.slice(2), tool);
    if (flags.help) {
      console.log(tool.help.trim());
      return;
    }
    process.exitCode = (await tool.main(values, flags)) ?? 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    const line = String(error instanceof Error ? error.message : error).replace(/\s*\n\s*/g, " ");
    console.error(`error: ${line}${usage ? " (--help says more)" : ""}`);
    process.exitCode = usage ? 2 : 1;
  }
}

module.exports = { UsageError, run };
