begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

-- Whatever waits and whatever it brought: 60 draws of up to 12 hosts.
select setseed(0.7);
delete from import_queue;
create temp table seen (draw integer, requests integer, host text, waiting integer, used integer, budget integer, room numeric);
do $$
declare
  v_requests integer;
  v_end timestamptz := now() + interval '1 hour';
begin
  for d in 1 .. 60 loop
    delete from public.import_queue;
    delete from public.source_hosts;
    delete from private.host_yields;
    update public.fill_policy set exploration_share = (array[0, 0.1, 0.5, 1])[1 + floor(random() * 4)];
    v_requests := (array[0, 1, 7, 100, 100000])[1 + floor(random() * 5)];
    insert into public.import_queue (listing_url)
    select 'https://h' || h || '.example/' || n from generate_series(1, 12) h, generate_series(1, 40) n
    where n <= (h * d * 7) % 41;
    insert into public.source_hosts (host, min_interval_ms, new_pages_budget, new_pages_used, budget_until)
    select 'h' || h || '.example', (array[0, 1000, 600000])[1 + (h + d) % 3], 50, h % 3, case when h % 2 = 0 then v_end else now() end from generate_series(1, 12) h;
    insert into private.host_yields (host, requests, vehicles, counted_to)
    select 'h' || h || '.example', random() * 1000, random() * 300, now() - random() * interval '30 days' from generate_series(1, 9) h;
    insert into seen
    select d, v_requests, p.host, p.waiting, p.used, p.budget, case when s.interval_ms = 0 then 1e9 else 3600000.0 / s.interval_ms end
    from private.planned_budgets(v_requests, v_end) p join public.source_hosts s using (host);
  end loop;
end $$;

select is_empty($$select draw from seen group by draw, requests having sum(budget - used) > requests$$, 'all together never get more than there is');
select is_empty($$select * from seen where budget < used$$, 'none gets less than nothing');
select is_empty($$select * from seen where budget - used > waiting or budget - used > room$$, 'none gets more than waits, or than its pace lets through');
select cmp_ok((select count(*) from seen where budget > used), '>', 100::bigint, 'and many get some');

select * from finish();
rollback;
