select cron.schedule('collect-invocation-answers', '20 seconds', 'select private.collect_invocation_answers()');
