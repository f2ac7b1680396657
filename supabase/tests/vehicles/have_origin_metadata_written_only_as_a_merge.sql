-- Read from the source of all functions, so that one added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create temp table writes as
select p.proname, btrim(m.written[1], E' \n') as written
from pg_proc p
cross join lateral regexp_matches(p.prosrc, '(?:set|,)\s*origin_metadata\s*=\s*(.{0,40})', 'g') as m(written)
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace);

select cmp_ok((select count(*) from writes), '>=', 3::bigint, 'at least three functions write origin_metadata');
select is_empty($$select * from writes where written !~ '^((v\.)?origin_metadata\s*\|\||private\.without_image_urls\(origin_metada)'$$, 'every function that writes origin_metadata merges into what is there, or takes image URLs out of it');

select * from finish();
rollback;
