begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('liar', 'L', 'dealer', '{liar.example}', 'a', 'v1.0.0'), ('good', 'G', 'dealer', '{good.example}', 'a', 'v1.0.0'),
  ('fair', 'F', 'dealer', '{fair.example}', 'a', 'v1.0.0'), ('new', 'N', 'dealer', '{new.example}', 'a', 'v1.0.0');
update scrape_sources set lifecycle = 'probation', confidence_cap = 0.79 where slug = 'new';
insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), 'epoch'), 2000);
insert into vehicles (id, discovery_url) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'https://liar.example/' || n from generate_series(1, 60) n;
create function pg_temp.compared(p_host text, p_other text, p_from integer, p_to integer, p_agrees boolean) returns void language sql as $$
  insert into source_comparisons (vehicle_id, field_name, host, other_host, agrees)
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'color', p_host, p_other, p_agrees from generate_series(p_from, p_to) n
$$;
create function pg_temp.cap(p_slug text) returns numeric language sql as $$ select confidence_cap from scrape_sources where slug = p_slug $$;
select pg_temp.compared('good.example', 'fair.example', 1, 30, true);
select pg_temp.compared('liar.example', 'good.example', 1, 19, false);
select is(act_on_quality('now'), '{"micro_scrape": 0, "backfill": 0, "joined": 0, "caps_lowered": 0, "caps_raised": 0}', 'nineteen audits move nothing');
select pg_temp.compared('liar.example', 'good.example', 20, 25, false);
select act_on_quality('now');
select is(pg_temp.cap('liar'), null, 'of two that disagree nobody knows which is wrong');
select pg_temp.compared('liar.example', 'fair.example', 1, 6, false);
select is((act_on_quality('now') ->> 'caps_lowered')::integer, 1, 'a source with which two others disagree is believed less');
select is(pg_temp.cap('liar'), 0.790, 'by a tenth');
select is(pg_temp.cap('good'), null, 'and they are believed as before');
select results_eq($$select subject, from_value, to_value, reason, metrics from fill_decisions where lever = 'confidence_cap'$$,
  $$values ('liar', null, '0.790', '31 of 31 audited readings of liar are wrong or disagree with other sites', '{"wrong": 31, "audited": 31, "witnesses": 2}'::jsonb)$$, 'with the metrics on record');
select is((act_on_quality('now') ->> 'caps_lowered')::integer, 0, 'once a day');
update fill_decisions set decided_at = now() - interval '25 hours';
select act_on_quality('now');
select is(pg_temp.cap('liar'), 0.690, 'the next day by another tenth');

delete from source_comparisons where host = 'liar.example';
select pg_temp.compared('liar.example', 'good.example', 1, 30, true);
update fill_decisions set decided_at = now() - interval '25 hours';
select is((act_on_quality('now') ->> 'caps_raised')::integer, 1, 'one that got better is believed more again');
select is(pg_temp.cap('liar'), 0.790, 'by a tenth, too');
update fill_decisions set decided_at = now() - interval '25 hours';
select act_on_quality('now');
select is(pg_temp.cap('liar'), null, 'in the end as much as its reader says');
update scrape_sources set confidence_cap = 0.6 where slug = 'good';
select act_on_quality('now');
select is(pg_temp.cap('good'), 0.600, 'a cap that somebody else set is not raised');
select pg_temp.compared('new.example', 'good.example', 1, 30, false);
select pg_temp.compared('new.example', 'fair.example', 1, 30, false);
select act_on_quality('now');
select is(pg_temp.cap('new'), 0.790, 'that of a source in probation is its probation''s');

select * from finish();
rollback;
