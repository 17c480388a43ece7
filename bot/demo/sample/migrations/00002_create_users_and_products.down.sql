DROP VIEW active_products;
DROP TABLE products;
DROP VIEW active_users;
DROP TABLE users;
DROP FUNCTION touch_updated_at();
