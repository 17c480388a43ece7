-- no-transaction
DROP INDEX CONCURRENTLY products_name_active_key;
