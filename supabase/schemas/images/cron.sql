select cron.schedule('look-after-images', '20 seconds', 'select private.invoke_due_images()');
