-- Page views, a partition a month. What falls outside of the months lands in the default partition and is not lost.

CREATE FUNCTION create_month_partitions(parent regclass, first_month date, months integer) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent_schema text;
    parent_name text;
    month_start date;
    month_end date;
    partition_name text;
    created integer := 0;
BEGIN
    SELECT n.nspname, c.relname INTO STRICT parent_schema, parent_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = parent;
    FOR n IN 0 .. months - 1 LOOP
        month_start := (date_trunc('month', first_month::timestamp) + make_interval(months => n))::date;
        month_end := (month_start + interval '1 month')::date;
        partition_name := parent_name || to_char(month_start, '"_"YYYY"_"MM');
        CONTINUE WHEN to_regclass(format('%I.%I', parent_schema, partition_name)) IS NOT NULL;
        -- The bounds are UTC, whatever the time zone of the session.
        EXECUTE format(
            'CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES FROM (%L) TO (%L)',
            parent_schema, partition_name, parent_schema, parent_name,
            to_char(month_start, 'YYYY-MM-DD" 00:00:00+00"'), to_char(month_end, 'YYYY-MM-DD" 00:00:00+00"')
        );
        created := created + 1;
    END LOOP;
    RETURN created;
END;
$$;
COMMENT ON FUNCTION create_month_partitions(regclass, date, integer)
IS 'Creates the monthly partitions of a table that are missing, and returns how many it made.';

CREATE TABLE page_events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    user_id bigint,
    path text NOT NULL,
    duration_ms bigint,
    CONSTRAINT page_events_pkey PRIMARY KEY (id, occurred_at),
    CONSTRAINT page_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
) PARTITION BY RANGE (occurred_at);
COMMENT ON TABLE page_events IS 'Page views; partitioned by month of occurred_at, in UTC.';
COMMENT ON COLUMN page_events.id IS 'Surrogate key, unique together with occurred_at.';
COMMENT ON COLUMN page_events.occurred_at IS 'When the page was opened.';
COMMENT ON COLUMN page_events.user_id IS 'Who opened it; null for a visitor.';
COMMENT ON COLUMN page_events.path IS 'Path of the page, without host and query.';
COMMENT ON COLUMN page_events.duration_ms IS 'How long the page was open; null while unknown.';

CREATE INDEX page_events_user_id_idx ON page_events (user_id);
CREATE INDEX page_events_occurred_at_idx ON page_events (occurred_at);

CREATE TABLE page_events_default PARTITION OF page_events DEFAULT;
COMMENT ON TABLE page_events_default IS 'Page views outside of all months; empty when all is well.';

SELECT create_month_partitions('page_events', '2026-01-01', 36);
