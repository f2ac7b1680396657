/** What `\d` shows: the tables and views of a database, and the columns of one. */

const TABLES = `
  select
    c.relname as name,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
    coalesce(split_part(obj_description(c.oid, 'pg_class'), E'\\n', 1), '') as about
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and n.nspname = 'public'
  order by kind, name`;

const COLUMNS = (name: string) => `
  select
    a.attname as column,
    concat_ws(
      ' ',
      format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then 'not null' end,
      'default ' || pg_get_expr(d.adbin, d.adrelid)
    ) as type,
    coalesce(col_description(a.attrelid, a.attnum), '') as about
  from pg_catalog.pg_attribute a
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = ${literal(name)}::regclass and a.attnum > 0 and not a.attisdropped
  order by a.attnum`;

/** The query behind `\d` or `\d NAME`. */
export function describeQuery(name: string | undefined): string {
  return name === undefined ? TABLES : COLUMNS(name);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
