/** People who edit, delete and forget vehicles while everything around them is killed. */
import { randomOf } from "../demo/site/random.ts";
import { type ChaosWorld, rounds } from "./chaos_world.ts";

const PEOPLE = 3;
const FIELDS = ["color", "engine", "location"] as const;
/** SQLSTATE classes of a lost connection: whether the statement took effect is not known. */
const CUT_OFF = ["08", "57P"];

/** What people did, as far as they know. */
export interface Deeds {
  /** By vehicle and field: the values that may stand there, more than one where an edit was cut off. */
  edits: Map<string, Map<string, Set<string>>>;
  edited: number;
  /** Addresses whose vehicle was deleted or forgotten, and whether that is certain. */
  removed: Map<string, "certain" | "perhaps">;
  /** Statements that were cut off. */
  cutOff: number;
  /** What the database refused a person, a line each: a deadlock, a time-out. */
  refused: string[];
}

export const noDeeds = (): Deeds => ({
  edits: new Map(),
  edited: 0,
  removed: new Map(),
  cutOff: 0,
  refused: [],
});

/** Three people, each with vehicles of their own, until they are stopped. */
export async function letPeopleWork(
  { sql }: ChaosWorld,
  deeds: Deeds,
  seed: string,
  stopped: () => boolean,
): Promise<void> {
  await Promise.all(Array.from({ length: PEOPLE }, (_, person) => {
    const random = randomOf(seed, "person", person);
    let n = 0;
    return rounds(stopped, random.int(100, 250), async () => {
      n++;
      const [vehicle] = await tried(deeds, "looks", () =>
        sql<{ id: string; url: string }>`
        select id, discovery_url as url from vehicles
        where abs(hashtext(id::text)) % ${PEOPLE} = ${person}
        order by md5(id::text || ${n}::text) limit 1`) ?? [];
      if (!vehicle) return;
      if (random.chance(0.04)) await remove(vehicle, random.chance(0.5));
      else await edit(vehicle, random.pick(FIELDS), `by hand ${person}-${n}`);
    });
  }));

  async function edit({ id }: { id: string }, field: string, value: string): Promise<void> {
    const fields = deeds.edits.get(id) ?? new Map<string, Set<string>>();
    const done = await tried(deeds, `edits ${field}`, () =>
      sql`
      update vehicles set
        color = case ${field} when 'color' then ${value} else color end,
        engine = case ${field} when 'engine' then ${value} else engine end,
        location = case ${field} when 'location' then ${value} else location end
      where id = ${id} returning id`);
    if (done?.length === 0) return;
    if (done) deeds.edited++;
    fields.set(field, done ? new Set([value]) : new Set([...fields.get(field) ?? [""], value]));
    deeds.edits.set(id, fields);
  }

  /** Not while its listing waits to be imported: who deletes then is right to see it again. */
  async function remove({ id, url }: { id: string; url: string }, forget: boolean): Promise<void> {
    const [open] = await tried(deeds, "looks", () =>
      sql`
      select from import_queue
      where canonical_url = canonical_listing_url(${url}) and status <> 'complete'`) ?? [{}];
    if (open) return;
    const done = forget
      ? await tried(deeds, "forgets", () => sql`select forget_vehicle(${id}, 'chaos')`)
      : await tried(
        deeds,
        "deletes",
        () => sql`delete from vehicles where id = ${id} returning id`,
      );
    deeds.removed.set(url, done && done.length > 0 ? "certain" : "perhaps");
  }
}

/** Null where the connection was lost, or the database refused. */
async function tried<T>(deeds: Deeds, what: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const answered = /^[0-9A-Z]{5}$/.test(code) && !CUT_OFF.some((it) => code.startsWith(it));
    if (answered) deeds.refused.push(`a person ${what}: ${code} ${error}`);
    else deeds.cutOff++;
    return null;
  }
}
