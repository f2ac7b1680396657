/** What a stack has to say, and what its functions print. */
interface Log {
  /** A line of the stack itself, to the terminal. */
  say(message: string): void;
  /** What the functions print: to the file, and to the terminal unless quiet. */
  write(bytes: Uint8Array): void;
  close(): void;
}

export function openLog(path: string, quiet: boolean): Log {
  const file = Deno.openSync(path, { create: true, append: true, write: true });
  return {
    say(message) {
      if (!quiet) console.error(message);
    },
    write(bytes) {
      file.writeSync(bytes);
      if (!quiet) Deno.stderr.writeSync(bytes);
    },
    close: () => file.close(),
  };
}
