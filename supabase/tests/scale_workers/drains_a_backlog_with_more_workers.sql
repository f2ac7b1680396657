begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
update fill_policy set workers_floor = 1, workers_ceiling = 4, batch_size_floor = 10, batch_size_ceiling = 25;
insert into fill_cycles (cycle_id, slot, target)
values ('c', to_timestamp(floor(extract(epoch from now()) / 7200) * 7200), 2000);
create function pg_temp.calls() returns bigint language sql as $$
  select count(*) from worker_invocations where function_name = 'process-import-queue'
$$;
create function pg_temp.of_imports(p_key text) returns text language sql as $$
  select w ->> p_key from jsonb_array_elements(scale_workers('c') -> 'workers') w where w ->> 'function' = 'process-import-queue'
$$;

select is(pg_temp.of_imports('workers'), '1', 'nothing to do: the floor');
insert into import_queue (listing_url) select 'https://cars.example/' || n from generate_series(1, 1100) n;
delete from worker_invocations;
select results_eq(
  $$select w ->> 'due', w ->> 'workers', w ->> 'batch_size', w ->> 'workers_before'
    from jsonb_array_elements(scale_workers('c') -> 'workers') w where w ->> 'function' = 'process-import-queue'$$,
  $$values ('1100', '3', '25', '1')$$, 'a backlog gets as many workers as drain it in ten minutes, and larger batches');
select is(pg_temp.calls(), 3::bigint, 'they are invoked side by side, at once');
select results_eq(
  $$select distinct convert_from(body, 'UTF8')::jsonb from net.http_request_queue where url like '%/process-import-queue' and url like 'https://project.example/%'
    and id in (select request_id from worker_invocations)$$,
  $$values ('{"background": true, "batch_size": 25}'::jsonb)$$, 'the size of their batch is in the body');
select private.invoke_worker('process-import-queue', p_quiet => '0 seconds');
select is(pg_temp.calls(), 3::bigint, 'there are never more than that');
select claim_queue('import_queue', 25), claim_queue('import_queue', 25), claim_queue('import_queue', 25);
select private.invoke_worker('process-import-queue', p_quiet => '0 seconds');
select is(pg_temp.calls(), 3::bigint, 'also when they have claimed');
select invoke_queue_if_due('import_queue');
update worker_invocations set invoked_at = invoked_at - interval '3 seconds';
select private.invoke_worker('process-import-queue');
select is(pg_temp.calls(), 4::bigint, 'a run that ends makes room for one');
update worker_invocations set invoked_at = invoked_at - interval '1 minute';
select private.invoke_worker('process-import-queue');
select is(pg_temp.calls(), 7::bigint, 'runs that died without a word make room too');

select results_eq(
  $$select lever, from_value, to_value, reason from fill_decisions where subject = 'process-import-queue' order by id$$,
  $$values ('workers', '1', '3', '1100 rows are due, 25 a run: gone in ten minutes'),
    ('batch_size', '10', '25', '1100 rows are due')$$, 'each move is a decision, with why');
select pg_temp.of_imports('due');
select is((select count(*) from fill_decisions where subject = 'process-import-queue'), 2::bigint, 'and what is not moved is none');

insert into import_queue (listing_url) select 'https://cars.example/more/' || n from generate_series(1, 9000) n;
select is(pg_temp.of_imports('workers'), '4', 'the ceiling is kept, whatever is due');
update fill_policy set workers_ceiling = 2, batch_size_ceiling = 15;
select is(pg_temp.of_imports('workers'), '2', 'one that is lowered is kept from the next look on');
select is(pg_temp.of_imports('batch_size'), '15', 'of batches too');
delete from import_queue;
select is(pg_temp.of_imports('workers') || ' of ' || pg_temp.of_imports('batch_size'), '1 of 10', 'when the backlog is gone it is the floor again');

insert into import_queue (listing_url) select 'https://cars.example/' || n from generate_series(1, 1100) n;
select scale_workers('c');
update fill_cycles set status = 'completed', completed_at = now();
select is_empty($$select from private.wanted_workers('process-import-queue')$$, 'when the cycle has ended nothing of it is left');
select is(scale_workers('c') -> 'workers', '[]'::jsonb, 'and nothing more is scaled in its name');
select throws_ok($$select scale_workers('x')$$, '22023', 'no cycle "x"', 'a cycle that is none is refused');

select * from finish();
rollback;
