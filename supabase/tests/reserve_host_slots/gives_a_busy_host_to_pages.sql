begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

-- Ten minutes of a host that may be asked once a second, wanted all the time by a run that reads pages, one that downloads
-- covers and one that downloads galleries: who gets its 600 slots?
create function pg_temp.ten_minutes(p_cover text, p_gallery text) returns table (pages integer, covers integer, galleries integer) language plpgsql as $$
declare
  v_kinds text[] := array['page', p_cover, p_gallery];
  v_granted integer[] := '{0,0,0}';
  v_asker integer;
begin
  delete from public.source_hosts;
  insert into public.source_hosts (host, robots_status, robots_fetched_at, robots_fresh_until)
  values ('cars.example', 404, now(), now() + interval '1 day');
  for v_second in 1 .. 600 loop
    for v_asker in select n from generate_series(1, 3) n order by random() loop
      v_granted[v_asker] := v_granted[v_asker] + (
        reserve_host_slots(gen_random_uuid(), jsonb_build_array(jsonb_build_object(
          'host', 'cars.example', 'count', (array[20, 4, 4])[v_asker], 'kind', v_kinds[v_asker]))) #>> '{0,granted}')::integer;
    end loop;
    update public.source_hosts
    set next_slot_at = next_slot_at - interval '1 second', pages_wait_until = pages_wait_until - interval '1 second',
        covers_wait_until = covers_wait_until - interval '1 second', covers_wait_since = covers_wait_since - interval '1 second',
        galleries_wait_since = galleries_wait_since - interval '1 second';
  end loop;
  return query select v_granted[1], v_granted[2], v_granted[3];
end
$$;
select setseed(0.5);
create temp table before as select * from pg_temp.ten_minutes('page', 'page');
create temp table after as select * from pg_temp.ten_minutes('cover', 'gallery');

select cmp_ok((select pages from before), '<', 300, 'where all are alike, pages get a part');
select cmp_ok((select pages from after), '>', 500, 'pages that wait get nearly all');
select ok((select covers between 30 and 70 from after), 'covers get one in ten seconds');
select ok((select galleries between 5 and 15 from after), 'galleries one a minute: they do not starve');
select cmp_ok((select pages + covers + galleries from after), '>=', 595, 'and no slot is lost by it');

select * from finish();
rollback;
