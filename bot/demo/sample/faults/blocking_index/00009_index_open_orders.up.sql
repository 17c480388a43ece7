-- Support's list of open orders, oldest first, sorts the whole table today.

CREATE INDEX orders_open_placed_at_idx ON orders (placed_at) WHERE status IN ('pending', 'paid');
