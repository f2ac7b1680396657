import { TASK } from "../../local/command_line.ts";
import type { World } from "../driver/world.ts";

/** Lines to try while everything is left running. */
export async function keepText({ stack, site, sql }: World): Promise<string> {
  const key = `-H "apikey: ${stack.keys.secret}"`;
  const [vehicle] = await sql<{ vehicle_id: string }[]>`
    select vehicle_id from micro_scrape_state
    order by (state = 'exhausted') desc, (state = 'waiting') desc, score limit 1`;
  const post = `curl -s -X POST ${stack.url}/functions/v1/micro-scrape-bandaid ${key} \\
    -H "Content-Type: application/json"`;
  const id = vehicle?.vehicle_id ?? "";
  const sqlTask = `${TASK} sql --db-url "${stack.dbUrl}"`;
  return `
Left running; Ctrl-C ends it. To try, in another terminal:

  # the gaps of one vehicle (a dry run fetches nothing and writes nothing), and another look at it
  ${post} -d '{"dry_run": true, "vehicle_ids": ["${id}"]}'
  ${post} -d '{"vehicle_ids": ["${id}"]}'

  # five vehicles, and why others are not complete
  curl -s "${stack.url}/rest/v1/vehicles?select=year,make,model,vin,sale_status,sale_price,high_bid&vin=not.is.null&limit=5" ${key}
  curl -s "${stack.url}/rest/v1/vehicles_not_improving?select=why,discovery_url&limit=5" ${key}

  # SQL: a prompt, or one query
  ${sqlTask}
  ${sqlTask} -c "select * from vehicles_needing_micro_scrape limit 5"
  ${sqlTask} -c "select started_at, vehicles_analyzed, vehicles_improved, status from micro_scrape_runs order by started_at desc limit 10"

  # what was found on index pages, and what became of it
  ${sqlTask} -c "select listing_title, listing_price, price_kind, status, outcome_code from import_queue limit 10"

  # the sites, in a browser
  ${site.url}
`;
}

/** Where the dashboard of what is left running stands. */
export function dashboardText(url: string): string {
  return `
  # the dashboard, in a browser: one click signs in
  ${url}
`;
}
