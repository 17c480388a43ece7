SET LOCAL lock_timeout = '5s';

DROP FUNCTION loyalty_tier_for(bigint);
ALTER TABLE users DROP COLUMN loyalty_tier;
DROP TYPE loyalty_tier;
