select cron.schedule('draw-audit-sample', '41 4 * * 1', 'select private.draw_audit_sample()');
select cron.schedule('calibrate', '52 4 * * *', 'select private.calibrate()');
