/** Making and copying data directories. */
import { join } from "node:path";
import type { Installation } from "./install.ts";
import { exists, type RunUser } from "../paths.ts";
import { run } from "./run.ts";

/** What differs from Postgres' defaults: loopback only, no sockets, nothing a copy would replicate. */
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 120
shared_buffers = 256MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
random_page_cost = 1.1
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
scram_iterations = 64
log_min_messages = warning
log_line_prefix = '%m [%p] %u '
`;

const whoMayConnect = `
host all all 127.0.0.1/32 scram-sha-256
`;

/** A new, empty database cluster whose superuser is `supabase_admin`. */
export async function initCluster(
  installation: Installation,
  dataDir: string,
  passwordFile: string,
  user: RunUser | null,
): Promise<void> {
  await run(join(installation.bin, "initdb"), [
    "--pgdata",
    dataDir,
    "--username=supabase_admin",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
  ], user);
  Deno.writeTextFileSync(join(dataDir, "postgresql.conf"), settings, { append: true });
  Deno.writeTextFileSync(join(dataDir, "pg_hba.conf"), whoMayConnect);
}

/** Copies a stopped cluster, as the user that will own the copy; whole or not at all. */
export async function copyCluster(from: string, to: string, user: RunUser | null): Promise<void> {
  const draft = `${to}.draft`;
  if (exists(draft)) Deno.removeSync(draft, { recursive: true });
  await run("cp", ["-R", from, draft], user);
  Deno.renameSync(draft, to);
}
