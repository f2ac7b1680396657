begin;
create extension if not exists pgtap with schema extensions;
select plan(22);

select throws_like(format('select add_source_candidate(%L)', url), '%can be no source: ' || why || '%', url || ' is refused with a reason')
from (values
  ('', 'it is no address'),
  ('no address', 'it is no address'),
  ('ftp://cars.test/', 'it is no address'),
  ('http://93.184.215.14/', '93.184.215.14 is an IP address'),
  ('http://10.0.0.1/', '10.0.0.1 is an IP address'),
  ('http://0x7f000001/', '0x7f000001 is an IP address'),
  ('http://2130706433/', '2130706433 is an IP address'),
  ('http://127.1/', '127.1 is an IP address'),
  ('http://localhost/', 'localhost is no host on the public internet'),
  ('http://cars.localhost/', 'cars.localhost is no host'),
  ('http://intranet/', 'intranet is no host'),
  ('http://cars.internal/', 'cars.internal is no host'),
  ('http://nas.local/cars', 'nas.local is no host'),
  ('https://project.supabase.co/functions/v1/', 'project.supabase.co is a project of Supabase'),
  ('https://user:word@cars.test/', 'its address holds a name'),
  ('https://cars.test:8443/', 'its address names a port')
) a(url, why);
select throws_like(format('select add_source_candidate(%L)', 'https://cars.test/' || repeat('x', 2100)), '%longer than 2048 bytes%', 'an address without end is refused');
select throws_like($$select add_source_candidate('http://[::1]/')$$, '%can be no source%', 'an IPv6 address is refused');
select throws_like($$select add_source_candidate(null)$$, '%no address%', 'nothing is refused');
select is((select count(*) from scrape_sources where found_by = 'operator'), 0::bigint, 'none of them became a candidate');

create temp table r as select add_source_candidates('[{"url": "http://10.0.0.1/", "found_by": "page_link"}, {"url": "https://good.test/", "found_by": "page_link"}]') as r;
select is((select r -> 'added' from r), '["good.test"]'::jsonb, 'of several the good one is taken');
select is((select r -> 'refused' -> 0 ->> 'why' from r), '10.0.0.1 is an IP address, not a site', 'and the other refused with a reason');

select * from finish();
rollback;
