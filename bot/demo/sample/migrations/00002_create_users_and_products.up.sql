-- People and goods. Both are soft-deleted: a row stays for its orders, and a new row may take over its e-mail or SKU.

CREATE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION touch_updated_at() IS 'Trigger: keeps updated_at true whatever the application sends.';

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    display_name text NOT NULL,
    role user_role NOT NULL DEFAULT 'customer',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
COMMENT ON TABLE users IS 'Everyone with an account.';
COMMENT ON COLUMN users.id IS 'Surrogate key.';
COMMENT ON COLUMN users.email IS 'Login name; unique among active users, whatever the case.';
COMMENT ON COLUMN users.display_name IS 'The name on parcels and mails.';
COMMENT ON COLUMN users.role IS 'What the person may do.';
COMMENT ON COLUMN users.created_at IS 'When the account was opened.';
COMMENT ON COLUMN users.updated_at IS 'Last change; kept by a trigger.';
COMMENT ON COLUMN users.deleted_at IS 'When the account was closed; null while it is active.';

CREATE UNIQUE INDEX users_email_active_key ON users (lower(email)) WHERE deleted_at IS NULL;

CREATE TRIGGER users_touch_updated_at BEFORE UPDATE ON users
FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE VIEW active_users AS
SELECT id, email, display_name, role, created_at, updated_at
FROM users
WHERE deleted_at IS NULL;
COMMENT ON VIEW active_users IS 'Users whose account is open. What the application reads.';

CREATE TABLE products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL,
    name text NOT NULL,
    price_cents bigint NOT NULL,
    currency currency NOT NULL DEFAULT 'EUR',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT products_price_cents_check CHECK (price_cents >= 0)
);
COMMENT ON TABLE products IS 'What the shop sells, or once sold.';
COMMENT ON COLUMN products.id IS 'Surrogate key.';
COMMENT ON COLUMN products.sku IS 'Stock keeping unit; unique among active products.';
COMMENT ON COLUMN products.name IS 'The name in the shop.';
COMMENT ON COLUMN products.price_cents IS 'Price of one unit in hundredths of the currency.';
COMMENT ON COLUMN products.currency IS 'Currency of the price.';
COMMENT ON COLUMN products.created_at IS 'When the product was listed.';
COMMENT ON COLUMN products.updated_at IS 'Last change; kept by a trigger.';
COMMENT ON COLUMN products.deleted_at IS 'When the product was taken off the shop; null while it is sold.';

CREATE UNIQUE INDEX products_sku_active_key ON products (sku) WHERE deleted_at IS NULL;

CREATE TRIGGER products_touch_updated_at BEFORE UPDATE ON products
FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE VIEW active_products AS
SELECT id, sku, name, price_cents, currency, created_at, updated_at
FROM products
WHERE deleted_at IS NULL;
COMMENT ON VIEW active_products IS 'Products on sale. What the application reads.';
