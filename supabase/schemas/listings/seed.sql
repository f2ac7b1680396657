insert into private.upgrade_progress (what) values ('vehicle_listings') on conflict (what) do nothing;
