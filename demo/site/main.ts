import { parseArgs } from "node:util";
import { startSite } from "./server.ts";

const HELP = `The demo's outside world: websites that offer cars, on this machine.

  deno run -A demo/site/main.ts [--port N] [--auctions N] [--heavy] [--corpus DIR]

  --port N       port on 127.0.0.1 (default 4100)
  --auctions N   only Bring a Trailer, with N auctions
  --heavy        auction pages of 400-660 KB, as the real ones
  --corpus DIR   the saved pages of DIR at the addresses of its MANIFEST.tsv
`;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    port: { type: "string", default: "4100" },
    auctions: { type: "string" },
    heavy: { type: "boolean", default: false },
    corpus: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}

const site = await startSite({
  port: Number(values.port),
  heavy: values.heavy,
  ...(values.auctions === undefined
    ? {}
    : { counts: { "bringatrailer.com": Number(values.auctions) } }),
  ...(values.corpus === undefined ? {} : { corpus: values.corpus }),
});
console.log(`SOURCE_MIRROR_URL=${site.url}`);
Deno.addSignalListener("SIGINT", async () => {
  await site.stop();
  Deno.exit(0);
});
