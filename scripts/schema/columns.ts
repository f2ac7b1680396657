/** The tables of a database, as far as making up rows for them needs. */
import type postgres from "postgres";
import { z } from "zod";

const column = z.object({
  name: z.string(),
  type: z.string(),
  not_null: z.boolean(),
  /** Written by Postgres itself. */
  generated: z.boolean(),
});

const table = z.object({
  /** With its schema: `public.vehicles`. */
  name: z.string(),
  columns: z.array(column),
  /** Constraints that are not foreign keys, by name: their columns and definition. */
  rules: z.array(
    z.object({ name: z.string(), columns: z.array(z.string()), definition: z.string() }),
  ),
  references: z.array(z.object({
    name: z.string(),
    columns: z.array(z.string()),
    table: z.string(),
    their_columns: z.array(z.string()),
  })),
});

export type Column = z.infer<typeof column>;
export type Table = z.infer<typeof table>;

/** All tables of `public` and `private` but for partitions, those first that others refer to. */
export async function readTables(sql: postgres.Sql): Promise<Table[]> {
  const found = z.array(table).parse([...await sql.unsafe(question)]);
  const sorted: Table[] = [];
  const visit = (one: Table, from: Table[]) => {
    if (sorted.includes(one) || from.includes(one)) return;
    for (const { table: name } of one.references) {
      const other = found.find((each) => each.name === name);
      if (other !== undefined) visit(other, [...from, one]);
    }
    sorted.push(one);
  };
  for (const one of found) visit(one, []);
  return sorted;
}

const question = `
  select
    format('%I.%I', n.nspname, c.relname) as name,
    (
      select jsonb_agg(jsonb_build_object(
        'name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod),
        'not_null', a.attnotnull,
        'generated', a.attgenerated <> '' or a.attidentity <> ''
      ) order by a.attnum)
      from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', k.conname,
        'columns', (select coalesce(jsonb_agg(a.attname), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum = any (k.conkey)),
        'definition', pg_get_constraintdef(k.oid)
      ))
      from pg_constraint k
      where k.conrelid = c.oid and k.contype <> 'f'
    ), '[]') as rules,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', k.conname,
        'columns', (
          select jsonb_agg(a.attname order by key.at)
          from unnest(k.conkey) with ordinality as key(attnum, at)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = key.attnum
        ),
        'table', (
          select format('%I.%I', fn.nspname, f.relname)
          from pg_class f join pg_namespace fn on fn.oid = f.relnamespace
          where f.oid = k.confrelid
        ),
        'their_columns', (
          select jsonb_agg(a.attname order by key.at)
          from unnest(k.confkey) with ordinality as key(attnum, at)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = key.attnum
        )
      ))
      from pg_constraint k
      where k.conrelid = c.oid and k.contype = 'f'
    ), '[]') as references
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'private') and c.relkind in ('r', 'p') and not c.relispartition
  order by 1`;
