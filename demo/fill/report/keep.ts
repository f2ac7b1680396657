import { TASK } from "../../../local/command_line.ts";
import type { FillWorld } from "../driver/world.ts";

/** Lines to try while everything is left running. */
export function fillKeepText({ stack }: FillWorld): string {
  const sql = `${TASK} sql --db-url "${stack.dbUrl}" -c`;
  return `
Left running, and its clock goes on from where the day ended; Ctrl-C ends it. To try, in another terminal:

  # the cycles, and why one missed its target
  ${sql} "select slot, vehicles_added, target, verdict, next_actions from fill_cycles order by slot"

  # what was decided, and why
  ${sql} "select lever, subject, from_value, to_value, reason from fill_decisions order by id desc limit 20"

  # how the sources came to be trusted
  ${sql} "select at, hosts[1] as host, from_lifecycle, to_lifecycle, reason from source_lifecycle_events e join scrape_sources s on s.id = e.source_id order by e.id desc limit 20"

  # the agent, by hand: what it would do now
  curl -s -X POST ${stack.url}/functions/v1/database-fill-agent -H "apikey: ${stack.keys.secret}" \\
    -H "Content-Type: application/json" -d '{"dry_run": true}'
`;
}
