/** The prompt of `deno task sql`, for a person. */
import { createInterface } from "node:readline";
import { isWhole } from "../postgres/statements.ts";

interface PromptOptions {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  /** Whether a person sits there: lines can be edited and called back, and Ctrl-C starts a new one. */
  terminal: boolean;
  /** Runs what was typed up to a semicolon, or a line that starts with a backslash. Never throws. */
  run(text: string): Promise<"go on" | "quit">;
  /** Ctrl-C while something runs. */
  cancel(): void;
}

/** Asks for statements until the input ends or `run` says so. */
export async function prompt({ input, output, terminal, run, cancel }: PromptOptions) {
  const lines = createInterface({ input, output, terminal, historySize: 1_000 });
  let typed = "";
  let running = false;
  const ask = () => {
    lines.setPrompt(typed === "" ? "sql> " : "  -> ");
    if (terminal) lines.prompt();
  };
  lines.on("SIGINT", () => {
    if (running) return cancel();
    typed = "";
    // What stands on the line, from its end to its beginning.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    output.write("\n");
    ask();
  });
  ask();
  for await (const line of lines) {
    const command = typed === "" && line.trim().startsWith("\\");
    typed = typed === "" ? line : `${typed}\n${line}`;
    if (typed.trim() === "") typed = "";
    if (command || (typed !== "" && isWhole(typed))) {
      const text = typed;
      typed = "";
      running = true;
      const next = await run(text);
      running = false;
      if (next === "quit") break;
    }
    ask();
  }
  lines.close();
  if (typed.trim() !== "") await run(typed);
}
