DROP TABLE page_events;
DROP FUNCTION create_month_partitions(regclass, date, integer);
