-- no-transaction
-- No two active products may share a name: the search page shows nothing else.

CREATE UNIQUE INDEX CONCURRENTLY products_name_active_key ON products (name) WHERE deleted_at IS NULL;
