-- Who changed what. Written by a trigger that runs as the owner, so that the application needs no right to write here.

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    row_id bigint NOT NULL,
    action audit_action NOT NULL,
    old_row jsonb,
    new_row jsonb,
    actor text NOT NULL DEFAULT session_user,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE audit_log IS 'Every change of users, products, orders, their lines and payments.';
COMMENT ON COLUMN audit_log.id IS 'Surrogate key; also the order of the changes.';
COMMENT ON COLUMN audit_log.table_name IS 'The table that was changed.';
COMMENT ON COLUMN audit_log.row_id IS 'The id of the changed row.';
COMMENT ON COLUMN audit_log.action IS 'What was done to it.';
COMMENT ON COLUMN audit_log.old_row IS 'The row before; null for INSERT.';
COMMENT ON COLUMN audit_log.new_row IS 'The row after; null for DELETE.';
COMMENT ON COLUMN audit_log.actor IS 'The login that made the change.';
COMMENT ON COLUMN audit_log.changed_at IS 'Start of the transaction that made the change.';

CREATE INDEX audit_log_table_name_row_id_idx ON audit_log (table_name, row_id);
CREATE INDEX audit_log_changed_at_idx ON audit_log (changed_at);

CREATE FUNCTION write_audit_row() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.audit_log (table_name, row_id, action, old_row, new_row)
    VALUES (
        TG_TABLE_NAME,
        CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END,
        TG_OP::public.audit_action,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
    );
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION write_audit_row() IS 'Trigger, after: records one change in audit_log.';
REVOKE ALL ON FUNCTION write_audit_row() FROM PUBLIC;

CREATE TRIGGER users_write_audit_row AFTER INSERT OR UPDATE OR DELETE ON users
FOR EACH ROW EXECUTE FUNCTION write_audit_row();
CREATE TRIGGER products_write_audit_row AFTER INSERT OR UPDATE OR DELETE ON products
FOR EACH ROW EXECUTE FUNCTION write_audit_row();
CREATE TRIGGER orders_write_audit_row AFTER INSERT OR UPDATE OR DELETE ON orders
FOR EACH ROW EXECUTE FUNCTION write_audit_row();
CREATE TRIGGER order_items_write_audit_row AFTER INSERT OR UPDATE OR DELETE ON order_items
FOR EACH ROW EXECUTE FUNCTION write_audit_row();
CREATE TRIGGER payments_write_audit_row AFTER INSERT OR UPDATE OR DELETE ON payments
FOR EACH ROW EXECUTE FUNCTION write_audit_row();
