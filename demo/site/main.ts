import { commandLine, usageError } from "../../local/command_line.ts";
import { startSite } from "./server.ts";

const HELP = `The demo's outside world: websites that offer cars, on this machine.

  deno run -A demo/site/main.ts [--port N] [--auctions N] [--heavy] [--corpus DIR]

  --port N       port on 127.0.0.1 (default 4100)
  --auctions N   only Bring a Trailer, with N auctions
  --heavy        auction pages of 400-660 KB, as the real ones
  --corpus DIR   the saved pages of DIR at the addresses of its MANIFEST.tsv
  -h, --help     this text

Runs until Ctrl-C. Exit code 0 then; 1 when it could not be started; 2 for a mistake in the options.
`;

/** A whole number from 0 on. */
function number(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) usageError(`--${flag} is no number: ${text}`, HELP);
  return Number(text);
}

const { port, auctions, heavy, corpus } = commandLine(HELP, {
  options: {
    port: { type: "string", default: "4100" },
    auctions: { type: "string" },
    heavy: { type: "boolean", default: false },
    corpus: { type: "string" },
  },
}).values;

const site = await startSite({
  port: number("port", port),
  heavy,
  ...(auctions === undefined
    ? {}
    : { counts: { "bringatrailer.com": number("auctions", auctions) } }),
  ...(corpus === undefined ? {} : { corpus }),
}).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
});
console.log(`SOURCE_MIRROR_URL=${site.url}`);
Deno.addSignalListener("SIGINT", async () => {
  await site.stop();
  Deno.exit(0);
});
