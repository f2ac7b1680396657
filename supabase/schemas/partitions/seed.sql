insert into private.partitioned_tables (table_name, kept)
values ('scraping_health', '60 days'), ('scrape_steps', '90 days')
on conflict do nothing;

select private.make_partitions(table_name) from private.partitioned_tables order by table_name;
