/** Who decides when a listing is looked at next: the database's own functions, or one interval for all. */
import type postgres from "postgres";
import type { Scheduler, Seen } from "./freshness_run.ts";
import { chance, type SimulatedSite } from "./freshness_world.ts";

const BEGINS = Date.UTC(2026, 0, 1) / 1000;
const seconds = (hours: number) => BEGINS + hours * 3600;

/** An array as Postgres writes it; the driver takes far longer. */
function list<T>(values: readonly T[], of: (value: T) => string | number): string {
  return `{${values.map((value) => JSON.stringify(of(value))).join(",")}}`;
}

/** Every listing after the same time, a twentieth more or less as ours has it. */
export function uniform(hours: number, usesIndex = false): Scheduler {
  const random = chance(7);
  const after = (at: number, by = hours) => at + by * (0.95 + 0.1 * random());
  const day = Math.min(24, hours);
  return {
    usesIndex,
    next: (at, seen) =>
      seen.map(({ says, knownAt }) => {
        if (says === "another") return at;
        if (says === "named") return Math.max(at, Math.min(after(at, 24), knownAt + hours * 1.1));
        return after(at, says === "the same" ? day : hours);
      }),
  };
}

/**
 * The scheduler of the database, in the database: private.next_look_at(), look_after_index(),
 * add_up_looks() and write_change_rates(), with the time of the simulation.
 */
export async function ours(
  sql: postgres.Sql,
  sites: readonly SimulatedSite[],
  usesIndex = true,
): Promise<Scheduler> {
  await sql`truncate listing_looks, listing_gap_counts, listing_change_rates`;
  await sql`update private.change_rates_refreshed set up_to = to_timestamp(${seconds(0)})`;
  await sql`select private.write_change_rates('[]')`;
  await sql`select setseed(0.5)`;
  let looks: { site: SimulatedSite; age: number; gap: number; changed: boolean }[] = [];
  const siteOf = ({ site }: Seen) => sites[site] as SimulatedSite;
  return {
    usesIndex,
    async next(at, seen) {
      if (seen.length === 0) return [];
      for (const one of seen) {
        const whole = one.says === "looked" || one.says === "the same";
        if (!whole || at <= one.knownAt) continue;
        const { bornAt, knownAt, changed } = one;
        looks.push({ site: siteOf(one), age: at - bornAt, gap: at - knownAt, changed });
      }
      const rows = await sql<{ next: number }[]>`
        select (extract(epoch from case
          when s.says = 'looked' then private.next_look_at('for_sale', r.look_every, t.at)
          else private.look_after_index(r.look_every, t.at, to_timestamp(s.known), to_timestamp(s.next), s.says)
        end) - ${BEGINS})::float8 / 3600 as next
        from unnest(
          ${list(seen, (one) => siteOf(one).host)}::text[],
          ${list(seen, (one) => siteOf(one).kind)}::text[],
          ${list(seen, (one) => (at - one.bornAt) * 3600)}::float8[],
          ${list(seen, (one) => seconds(one.knownAt))}::float8[],
          ${list(seen, (one) => Number.isFinite(one.next) ? seconds(one.next) : 0)}::float8[],
          ${list(seen, (one) => one.says)}::text[]
        ) with ordinality s(host, kind, age, known, next, says, place)
        cross join (select to_timestamp(${seconds(at)}) as at) t
        cross join lateral (
          select coalesce(
            (
              select own.look_every from listing_change_rates own
              where own.source_host = s.host and own.kind = s.kind
                and own.age_band = private.age_band(make_interval(secs => s.age))
            ),
            (
              select any_site.look_every from listing_change_rates any_site
              where any_site.source_host = '*' and any_site.kind = s.kind
                and any_site.age_band = private.age_band(make_interval(secs => s.age))
            )) as look_every
        ) r
        order by s.place`;
      return rows.map(({ next }) => next);
    },
    async learn(at, open) {
      await sql`
        insert into listing_looks (listing_id, at, source_host, kind, age_band, gap_days, changed, way)
        select 1, to_timestamp(${
        seconds(at) - 3600
      }), host, kind, private.age_band(make_interval(secs => age)),
          gap, changed, 'page'
        from unnest(
          ${list(looks, ({ site }) => site.host)}::text[],
          ${list(looks, ({ site }) => site.kind)}::text[],
          ${list(looks, ({ age }) => age * 3600)}::float8[],
          ${list(looks, ({ gap }) => gap / 24)}::real[],
          ${list(looks, ({ changed }) => String(changed))}::boolean[]
        ) k(host, kind, age, gap, changed)`;
      looks = [];
      const listings = [...open()];
      await sql`select private.add_up_looks(to_timestamp(${seconds(at)}))`;
      await sql`
        select private.write_change_rates((
          select coalesce(jsonb_agg(to_jsonb(g)), '[]')
          from (
            select host as source_host, kind, private.age_band(make_interval(secs => age)) as age_band, count(*) as listings
            from unnest(
              ${list(listings, ({ site }) => sites[site]?.host ?? "")}::text[],
              ${list(listings, ({ site }) => sites[site]?.kind ?? "")}::text[],
              ${list(listings, ({ bornAt }) => (at - bornAt) * 3600)}::float8[]
            ) l(host, kind, age)
            group by 1, 2, 3
          ) g
        ))`;
      await sql`truncate listing_looks`;
    },
  };
}
