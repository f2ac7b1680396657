/** What a new operator is to find out from the page alone, and whether the page can tell. */
import { z } from "zod";
import type { Sql } from "../driver/world.ts";

export interface Question {
  asks: string;
  /** Where the page answers it, and with what. */
  answer: string;
}

interface Known {
  walled: string | null;
  vehicle_id: string | null;
  field: string | null;
  said_by: string | null;
  dead: number;
}

/** The questions, with the answers as they stand in the tables. */
export async function asked(sql: Sql): Promise<Question[]> {
  const [known] = await sql<Known[]>`
    select
      (select host from source_hosts where breaker <> 'closed' order by host limit 1) as walled,
      c.vehicle_id, c.field_name as field, private.url_host(c.source_url) as said_by,
      (select count(*)::integer from dead_letters) as dead
    from (select) one
    left join lateral (
      select m.vehicle_id, m.field_name, m.source_url
      from extraction_metadata m
      where m.validation_status = 'conflict' and m.field_name not in ('description', 'seller_name')
      order by m.field_name <> 'mileage', m.field_name <> 'color', m.id limit 1
    ) c on true`;
  return [
    { asks: "Is it running?", answer: "the line on top" },
    {
      asks: "Which site is in the way, and until when?",
      answer: `Hosts: ${known?.walled ?? "none"}; its row says until when`,
    },
    {
      asks: "How many vehicles came in today, and from where?",
      answer: "Supply: the number, and the sites below",
    },
    { asks: "Which field got worse this week?", answer: "Coverage: mileage" },
    { asks: "What did yesterday cost?", answer: "Money: yesterday" },
    {
      asks: `Which value of the vehicle ${known?.vehicle_id ?? ""} is wrong, and who said so?`,
      answer: `Vehicles, find it by its id: ${known?.field ?? ""}, ${
        known?.said_by ?? ""
      } says otherwise`,
    },
    {
      asks: "What is to be done about the dead letters?",
      answer: `Queues: ${known?.dead ?? 0} were given up; open one: why, and Put back`,
    },
  ];
}

const panel = z.object({
  state: z.string().optional(),
  says: z.string().optional(),
  summary: z.record(z.string(), z.unknown()).optional(),
  rows: z.array(z.object({ key: z.string(), until: z.string().nullish(), state: z.string() }))
    .optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** What the panels do not tell that they must. @throws ZodError when the answer is no dashboard at all. */
export function wrongAnswers(answer: unknown): string[] {
  const { panels } = z.object({ panels: z.record(z.string(), panel) }).parse(answer);
  const number = (name: string, of: string) => {
    const value = panels[name]?.summary?.[of];
    return typeof value === "number" ? value : 0;
  };
  const must: [string, boolean][] = [
    ["the line on top says what is wrong", panels.running?.state === "bad"],
    [
      "a host is in the way, until a time",
      panels.hosts?.rows?.some(({ state, until }) => state === "bad" && Boolean(until)) === true,
    ],
    [
      "vehicles came in today",
      // Of yesterday's last minutes, just after midnight.
      number("supply", "vehicles_added_today") > 0 || new Date().getUTCHours() === 0,
    ],
    [
      "mileage fell, and nothing else",
      JSON.stringify(panels.coverage?.summary?.fell) === '["mileage"]',
    ],
    [
      "every panel was measured lately",
      Object.values(panels).every(({ says }) => says?.startsWith("Not measured since") !== true),
    ],
    ["yesterday cost something", number("money", "yesterday") > 0],
    ["pages disagree", number("truth", "conflicts") > 0],
    ["dead letters wait", number("queues", "dead_letters") > 0],
    ["a source waits for an operator", number("sources", "to_review") > 0],
  ];
  return [
    ...Object.entries(panels).flatMap(([name, { error }]) =>
      error === undefined ? [] : [`${name}: ${error.message}`]
    ),
    ...must.filter(([, holds]) => !holds).map(([what]) => `not so: ${what}`),
  ];
}
