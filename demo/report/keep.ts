import type { World } from "../driver/world.ts";

/** Lines to try while everything is left running. */
export function keepText({ stack, site }: World): string {
  const key = `-H "apikey: ${stack.keys.secret}"`;
  return `
Left running; Ctrl-C ends it. To try, in another terminal:

  # what a run would do now (a dry run fetches nothing and writes nothing)
  curl -s -X POST ${stack.url}/functions/v1/micro-scrape-bandaid \\
    ${key} -H "Content-Type: application/json" \\
    -d '{"dry_run": true, "batch_size": 5}'

  # five vehicles, and why others are not complete
  curl -s "${stack.url}/rest/v1/vehicles?select=year,make,model,vin,sale_status,sale_price,high_bid&limit=5" ${key}
  curl -s "${stack.url}/rest/v1/vehicles_not_improving?select=why,discovery_url&limit=5" ${key}

  # SQL
  psql "${stack.dbUrl}" -c "select * from vehicles_needing_micro_scrape limit 10"
  psql "${stack.dbUrl}" -c "select started_at, vehicles_analyzed, vehicles_improved, status from micro_scrape_runs order by started_at desc limit 10"

  # the sites, in a browser
  ${site.url}
`;
}
