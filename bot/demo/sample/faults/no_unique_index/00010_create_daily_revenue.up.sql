-- Revenue by day and currency, for the morning report. It reads orders and locks nothing that the shop writes to.

CREATE MATERIALIZED VIEW daily_revenue AS
SELECT
    (o.placed_at AT TIME ZONE 'UTC')::date AS day,
    o.currency,
    count(*) AS order_count,
    sum(o.total_cents)::bigint AS revenue_cents
FROM orders AS o
WHERE o.status IN ('paid', 'shipped', 'delivered')
GROUP BY 1, 2;
COMMENT ON MATERIALIZED VIEW daily_revenue IS 'Orders and revenue by day (UTC) and currency; refreshed hourly.';
COMMENT ON COLUMN daily_revenue.day IS 'The day on which the orders were placed, in UTC.';
COMMENT ON COLUMN daily_revenue.currency IS 'Currency of the revenue.';
COMMENT ON COLUMN daily_revenue.order_count IS 'How many orders were paid.';
COMMENT ON COLUMN daily_revenue.revenue_cents IS 'Their sum in hundredths of the currency.';
