-- The bucket. Where Storage keeps its tables elsewhere, the first upload creates it.
do $$
begin
  if to_regclass('storage.buckets') is not null then
    insert into storage.buckets (id, name, public)
    values ('page-snapshots', 'page-snapshots', false)
    on conflict (id) do nothing;
  end if;
end
$$;
insert into private.snapshot_policy default values on conflict do nothing;
