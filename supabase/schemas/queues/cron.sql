select cron.schedule('look-after-queues', '20 seconds', 'select private.invoke_due_queues()');
