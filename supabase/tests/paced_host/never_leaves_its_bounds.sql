begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

-- Whatever is answered, in whatever order, with whatever bounds: 400 histories of 60 answers.
select setseed(0.42);
create temp table seen (host text, least_ms integer, most_ms integer, interval_ms integer, slowed_ms integer, next_in interval);
do $$
declare
  v_least integer;
  v_delay integer;
  v_most integer;
  v_host public.source_hosts;
  v_now timestamptz := now();
  v_trouble text;
begin
  for h in 1 .. 400 loop
    v_least := (array[0, 0, 1, 50, 1000, 5000, 60000])[1 + floor(random() * 7)];
    v_delay := (array[null, null, 100, 1000, 10000, 120000])[1 + floor(random() * 6)];
    v_most := (array[1000, 2000, 60000, 3600000])[1 + floor(random() * 4)];
    update public.fill_policy set host_interval_ceiling_ms = v_most;
    insert into public.source_hosts (host, min_interval_ms, crawl_delay_ms)
    values ('h' || h || '.example', v_least, v_delay) returning * into v_host;
    for n in 1 .. 60 loop
      v_now := v_now + random() * interval '90 seconds';
      v_trouble := case when random() < 0.4 then 'trouble' end;
      if v_trouble is not null or v_host.slowed_interval_ms is not null then
        v_host := private.paced_host(v_host, floor(random() * 20)::bigint, v_trouble, v_now);
      end if;
      insert into seen values (
        v_host.host, greatest(v_least, v_delay), v_most, greatest(v_least, v_delay, v_host.slowed_interval_ms), v_host.slowed_interval_ms,
        v_host.next_slot_at - v_now);
    end loop;
  end loop;
end $$;

select is_empty($$select * from seen where interval_ms < least_ms$$, 'never faster than min_interval_ms and crawl-delay');
select is_empty($$select * from seen where slowed_ms > most_ms$$, 'never slowed down beyond the ceiling');
select is_empty($$select * from seen where interval_ms > greatest(least_ms, most_ms)$$, 'so no host is asked less often than the operator''s bounds say');
select isnt_empty($$select from seen where slowed_ms is not null$$, 'and some were slowed down');

select * from finish();
rollback;
