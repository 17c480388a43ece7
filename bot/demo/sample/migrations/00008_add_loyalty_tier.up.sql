-- The loyalty programme. A constant default is kept in the catalog (PostgreSQL 11 and later): no row is rewritten,
-- and the lock on users lasts for milliseconds. If it is not to be had soon, give up rather than queue the shop.

SET LOCAL lock_timeout = '5s';

CREATE TYPE loyalty_tier AS ENUM ('none', 'bronze', 'silver', 'gold');
COMMENT ON TYPE loyalty_tier IS 'Steps of the loyalty programme, lowest first.';

ALTER TABLE users ADD COLUMN loyalty_tier loyalty_tier NOT NULL DEFAULT 'none';
COMMENT ON COLUMN users.loyalty_tier IS 'Step of the loyalty programme; set by the nightly job.';

CREATE FUNCTION loyalty_tier_for(spent_cents bigint) RETURNS loyalty_tier
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN spent_cents >= 100000 THEN 'gold'::public.loyalty_tier
        WHEN spent_cents >= 50000 THEN 'silver'::public.loyalty_tier
        WHEN spent_cents >= 10000 THEN 'bronze'::public.loyalty_tier
        ELSE 'none'::public.loyalty_tier
    END
$$;
COMMENT ON FUNCTION loyalty_tier_for(bigint) IS 'The tier that spending this much in a year earns.';
