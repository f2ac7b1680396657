begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url) values
  ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a/'),
  ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/b/');

create function pg_temp.read(p_auction jsonb, p_more jsonb default '{}', p_url text default 'https://bringatrailer.com/listing/a/', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', p_page_at,
    'method', 'bat', 'scraper_version', 'v1.0.0', 'auction', p_auction) || p_more)) -> 0
$$;

select alike(pg_temp.read('{"outcome": "bid_to", "sale_price": 89500, "high_bid": 89500}') -> 'step_errors' ->> 'extract_comments', '%only_a_sale_has_a_sale_price%', 'an unsold auction with a sale price is an error of the extract_comments step');
select is((select count(*) from auction_events), 0::bigint, 'of an auction with an error nothing is written');

select * from finish();
rollback;
