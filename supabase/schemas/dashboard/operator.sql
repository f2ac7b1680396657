-- What the page calls to act. They run as their owner, because operators write no table: private.operate() asks first whether
-- an operator calls, and writes down what came of it. Each gives {outcome, said, action_id, before, after, by, at}.

create function public.operator_review(p_id bigint, p_decision text, p_seen text default null, p_value text default null, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('review', jsonb_build_object('p_id', p_id, 'p_decision', p_decision, 'p_seen', p_seen, 'p_value', p_value, 'p_note', p_note));
comment on function public.operator_review(bigint, text, text, text, text) is
  'An operator''s word on a reading: accept, reject, or correct with what it is (p_value).';

create function public.operator_set_field(p_vehicle_id uuid, p_field text, p_value text, p_seen text default null, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_field', jsonb_build_object('p_vehicle_id', p_vehicle_id, 'p_field', p_field, 'p_value', p_value, 'p_seen', p_seen, 'p_note', p_note));
comment on function public.operator_set_field(uuid, text, text, text, text) is
  'An operator sets a field of a vehicle, or (null) empties it.';

create function public.operator_release_field(p_vehicle_id uuid, p_field text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('release_field', jsonb_build_object('p_vehicle_id', p_vehicle_id, 'p_field', p_field, 'p_seen', p_seen));
comment on function public.operator_release_field(uuid, text, text) is
  'An operator gives a field back to the pages.';

create function public.operator_resolve_candidate(p_id uuid, p_decision text, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('resolve_candidate', jsonb_build_object('p_id', p_id, 'p_decision', p_decision, 'p_note', p_note));
comment on function public.operator_resolve_candidate(uuid, text, text) is
  'An operator says of a pair of vehicles: merge, or different.';

create function public.operator_reopen(p_vehicle_id uuid) returns jsonb
language sql security definer
set search_path = ''
return private.operate('reopen', jsonb_build_object('p_vehicle_id', p_vehicle_id));
comment on function public.operator_reopen(uuid) is
  'An operator has a vehicle looked at again.';

create function public.operator_redrive(p_queue text default null, p_outcome text default null, p_id uuid default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('redrive', jsonb_build_object('p_queue', p_queue, 'p_outcome', p_outcome, 'p_id', p_id));
comment on function public.operator_redrive(text, text, uuid) is
  'An operator puts dead letters back: one row (p_id of p_queue), or those of a queue and outcome.';

create function public.operator_resume_host(p_host text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('resume_host', jsonb_build_object('p_host', p_host));
comment on function public.operator_resume_host(text) is
  'An operator says that a host serves again.';

create function public.operator_switch_feed(p_feed_id uuid, p_on boolean) returns jsonb
language sql security definer
set search_path = ''
return private.operate('switch_feed', jsonb_build_object('p_feed_id', p_feed_id, 'p_on', p_on));
comment on function public.operator_switch_feed(uuid, boolean) is
  'An operator switches a feed on or off.';

create function public.operator_check_feed(p_feed_id uuid) returns jsonb
language sql security definer
set search_path = ''
return private.operate('check_feed', jsonb_build_object('p_feed_id', p_feed_id));
comment on function public.operator_check_feed(uuid) is
  'An operator has a feed checked now.';

create function public.operator_learn_map(p_host text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('learn_map', jsonb_build_object('p_host', p_host));
comment on function public.operator_learn_map(text) is
  'An operator has the pages of a source learned.';

create function public.operator_retire_map(p_map_id uuid, p_reason text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('retire_map', jsonb_build_object('p_map_id', p_map_id, 'p_reason', p_reason));
comment on function public.operator_retire_map(uuid, text) is
  'An operator retires an extraction map.';

create function public.operator_approve_source(p_source text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('approve_source', jsonb_build_object('p_source', p_source, 'p_seen', p_seen));
comment on function public.operator_approve_source(text, text) is
  'An operator takes a source in, by id, slug or host.';

create function public.operator_reject_source(p_source text, p_reason text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('reject_source', jsonb_build_object('p_source', p_source, 'p_reason', p_reason, 'p_seen', p_seen));
comment on function public.operator_reject_source(text, text, text) is
  'An operator keeps a source out.';

create function public.operator_add_source(p_url text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('add_source', jsonb_build_object('p_url', p_url));
comment on function public.operator_add_source(text) is
  'An operator adds a site as a candidate.';

create function public.operator_switch_source(p_source text, p_on boolean, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('switch_source', jsonb_build_object('p_source', p_source, 'p_on', p_on, 'p_seen', p_seen));
comment on function public.operator_switch_source(text, boolean, text) is
  'An operator switches a source on or off.';

create function public.operator_set_policy(p_changes jsonb, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_policy', jsonb_build_object('p_changes', p_changes, 'p_seen', p_seen));
comment on function public.operator_set_policy(jsonb, text) is
  'An operator changes fill_policy.';

create function public.operator_set_cost_rate(p_item text, p_price numeric, p_per numeric default 1, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_cost_rate', jsonb_build_object('p_item', p_item, 'p_price', p_price, 'p_per', p_per, 'p_seen', p_seen));
comment on function public.operator_set_cost_rate(text, numeric, numeric, text) is
  'An operator says what a request, a gigabyte or an invocation costs.';

revoke execute on function
  public.operator_review(bigint, text, text, text, text),
  public.operator_set_field(uuid, text, text, text, text),
  public.operator_release_field(uuid, text, text),
  public.operator_resolve_candidate(uuid, text, text),
  public.operator_reopen(uuid),
  public.operator_redrive(text, text, uuid),
  public.operator_resume_host(text),
  public.operator_switch_feed(uuid, boolean),
  public.operator_check_feed(uuid),
  public.operator_learn_map(text),
  public.operator_retire_map(uuid, text),
  public.operator_approve_source(text, text),
  public.operator_reject_source(text, text, text),
  public.operator_add_source(text),
  public.operator_switch_source(text, boolean, text),
  public.operator_set_policy(jsonb, text),
  public.operator_set_cost_rate(text, numeric, numeric, text)
from public, anon;
grant execute on function
  public.operator_review(bigint, text, text, text, text),
  public.operator_set_field(uuid, text, text, text, text),
  public.operator_release_field(uuid, text, text),
  public.operator_resolve_candidate(uuid, text, text),
  public.operator_reopen(uuid),
  public.operator_redrive(text, text, uuid),
  public.operator_resume_host(text),
  public.operator_switch_feed(uuid, boolean),
  public.operator_check_feed(uuid),
  public.operator_learn_map(text),
  public.operator_retire_map(uuid, text),
  public.operator_approve_source(text, text),
  public.operator_reject_source(text, text, text),
  public.operator_add_source(text),
  public.operator_switch_source(text, boolean, text),
  public.operator_set_policy(jsonb, text),
  public.operator_set_cost_rate(text, numeric, numeric, text)
to authenticated, service_role;
