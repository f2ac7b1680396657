insert into private.upgrade_progress (what) values ('score_version_' || private.score_version()) on conflict (what) do nothing;
