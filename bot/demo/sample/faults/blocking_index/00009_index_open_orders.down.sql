DROP INDEX orders_open_placed_at_idx;
