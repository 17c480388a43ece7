-- no-transaction
DROP INDEX CONCURRENTLY orders_open_placed_at_idx;
