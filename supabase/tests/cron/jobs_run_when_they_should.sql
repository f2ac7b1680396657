begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select set_has('select jobname from cron.job', $$values ('micro-scrape-bandaid'), ('look-after-queues'), ('look-after-micro-scrape'), ('look-after-images'), ('collect-invocation-answers'), ('prune-history'), ('look-after-partitions')$$, 'the jobs of queues, images, micro-scrape, answers, pruning and partitions are scheduled');
select is((select schedule from cron.job where jobname = 'micro-scrape-bandaid'), '*/5 * * * *', 'micro-scrape-bandaid runs every five minutes');
select cmp_ok((select count(*) from cron.job where schedule = '20 seconds'), '>=', 4::bigint, 'at least four jobs look for due work every 20 seconds');
select cmp_ok((select count(*) from cron.job where schedule in ('20 seconds', '*/5 * * * *', '* * * * *')), '<=', 8::bigint, 'no more than eight jobs begin at one moment, which is what pg_cron runs at once');

select * from finish();
rollback;
