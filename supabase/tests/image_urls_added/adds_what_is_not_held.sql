begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.added(p_held jsonb, p_urls text[]) returns jsonb language sql as $$
  select private.image_urls_added(p_held, p_urls)
$$;
select is(pg_temp.added('["a", "b"]', '{b,a}'), '{}', 'URLs that are held add nothing');
select is(pg_temp.added('["a", "b"]', '{a,c}'), '{"image_urls": ["a", "b", "c"], "image_count": 3}', 'a new one stands behind those held');
select is(pg_temp.added('["a", " b"]', '{a," b"}'), '{"image_urls": ["a", " b", "b"], "image_count": 3}', 'what is held untrimmed is added trimmed');
select is(pg_temp.added('"a"', '{a}'), '{"image_urls": ["a"], "image_count": 1}', 'one URL that is no list becomes one');
select is(pg_temp.added('["a"]', '{"",a,null}'), '{}', 'what is empty is no URL');
select is(pg_temp.added(null, '{}'), '{}', 'nothing makes nothing');
select is(pg_temp.added('{"a": 1}', '{a}'), '{"image_urls": [{"a": 1}, "a"], "image_count": 2}', 'what is no list is not lost');

select * from finish();
rollback;
