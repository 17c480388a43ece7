-- no-transaction
-- Support's list of open orders, oldest first, sorts the whole table today. Built while the shop goes on writing;
-- CONCURRENTLY cannot run inside a transaction, hence the first line, and stands alone in its file.

CREATE INDEX CONCURRENTLY orders_open_placed_at_idx ON orders (placed_at) WHERE status IN ('pending', 'paid');
