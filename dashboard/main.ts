/** `deno task dashboard`: the dashboard on this machine, or its files for a host. */
import { join } from "node:path";
import { commandLine, TASK, usageError } from "../local/command_line.ts";
import { projectRoot } from "../local/paths.ts";
import { preferPort } from "../local/ports.ts";
import { readState } from "../local/state.ts";
import { buildDashboard, writeDashboard } from "./server/build.ts";
import { type Api, readApi } from "./server/policy.ts";
import { serveDashboard } from "./server/serve.ts";

const usage = `One look at what the database does: docs/dashboard.md.

usage: ${TASK} dashboard [--port N] [--dir DIR]
       ${TASK} dashboard --url URL --key PUBLISHABLE [--port N]
       ${TASK} dashboard --url URL --key PUBLISHABLE --build DIR

Serves the dashboard of the local stack until Ctrl-C, signed in by one click; with --url, that of another project,
where operators sign in with their password.

  --url URL     of the project: https://YOUR_PROJECT.supabase.co
  --key KEY     its publishable key; a secret one is refused, a browser must not hold it
  --build DIR   writes the files for a host instead of serving them
  --port N      of the page, 54380 unless taken
  --dir DIR     where the local stack keeps its data (.stack)
  --help        this

Exit code 0 when it was stopped, or the files are written; 1 when no stack runs here or the page cannot be built;
2 for a mistake in the options.`;

const { values } = commandLine(usage, {
  options: {
    url: { type: "string" },
    key: { type: "string" },
    build: { type: "string" },
    port: { type: "string" },
    dir: { type: "string" },
  },
});

try {
  const api = chosenApi();
  if (values.build !== undefined) {
    if (api === null) usageError("--build needs --url and --key: they stand in the page.", usage);
    await build(values.build, api);
  } else await serve(api);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}

/** The project of the options; null when the local stack is meant. */
function chosenApi(): Api | null {
  const { url, key } = values;
  if (url === undefined && key === undefined) return null;
  if (url === undefined || key === undefined) usageError("--url and --key go together.", usage);
  try {
    return readApi(url, key);
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error), usage);
  }
}

async function build(dir: string, api: Api): Promise<void> {
  const built = await buildDashboard({ api, local: false });
  await writeDashboard(dir, built);
  for (const [name, bytes] of built) {
    console.log(`${name.padEnd(32)} ${(bytes.length / 1000).toFixed(1).padStart(6)} kB`);
  }
  console.log(`Written to ${dir}. Any host of files serves it; docs/dashboard.md names some.`);
}

async function serve(api: Api | null): Promise<void> {
  const here = api === null ? await localStack() : { api, secret: null };
  const dashboard = await serveDashboard({ ...here, port: wantedPort() });
  console.log(`Dashboard of ${here.api.url}: ${dashboard.url}`);
  console.log(
    here.secret === null
      ? "Operators sign in with their e-mail and password. Ctrl-C ends it."
      : "One click signs in. Ctrl-C ends it.",
  );
  await new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGINT", resolve);
    Deno.addSignalListener("SIGTERM", resolve);
  });
  await dashboard.stop();
}

async function localStack(): Promise<{ api: Api; secret: string }> {
  const state = await readState(values.dir ?? join(projectRoot, ".stack"));
  const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = state?.values ?? {};
  if (API_URL === undefined || PUBLISHABLE_KEY === undefined || SECRET_KEY === undefined) {
    throw new Error(
      `No stack runs on this machine. Start one with: ${TASK} start\nor name another project with --url and --key.`,
    );
  }
  return { api: { url: API_URL, key: PUBLISHABLE_KEY }, secret: SECRET_KEY };
}

function wantedPort(): number {
  if (values.port === undefined) return preferPort(54380);
  const port = Number(values.port);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  usageError(`"${values.port}" is no port.`, usage);
}
