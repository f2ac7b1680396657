-- Gap filling runs by itself: every five minutes, and again within 20 seconds while work is due.

create function private.invoke_micro_scrape() returns void
language plpgsql
set search_path = ''
as $$
declare
  v_is_claimable boolean;
begin
  perform private.rescue_micro_scrape_state(10000);
  perform private.promote_due_micro_scrape_state(10000);
  perform private.reopen_for_new_versions(10000);
  perform private.close_dead_runs();
  v_is_claimable := private.has_claimable('micro-scrape-bandaid');
  -- Vehicles of a host that serves nobody may stand before all others.
  if not v_is_claimable and private.put_off_late_micro_scrape() > 0 then
    v_is_claimable := private.has_claimable('micro-scrape-bandaid');
  end if;
  if v_is_claimable then
    perform private.invoke_worker(
      'micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}', p_is_claimable => true);
  end if;
end
$$;
comment on function private.invoke_micro_scrape() is
  'Rescues what workers that died held, promotes what has waited, reopens what has a better scraper, and invokes micro-scrape-bandaid when it would claim a vehicle.';
revoke execute on function private.invoke_micro_scrape() from public;
