DROP TRIGGER payments_write_audit_row ON payments;
DROP TRIGGER order_items_write_audit_row ON order_items;
DROP TRIGGER orders_write_audit_row ON orders;
DROP TRIGGER products_write_audit_row ON products;
DROP TRIGGER users_write_audit_row ON users;
DROP FUNCTION write_audit_row();
DROP TABLE audit_log;
