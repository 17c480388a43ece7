-- Orders and their lines. Prices are copied into the lines: an order never changes with the price list.

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_number text NOT NULL,
    user_id bigint NOT NULL,
    status order_status NOT NULL DEFAULT 'pending',
    currency currency NOT NULL DEFAULT 'EUR',
    total_cents bigint NOT NULL DEFAULT 0,
    placed_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_order_number_key UNIQUE (order_number),
    CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT orders_total_cents_check CHECK (total_cents >= 0)
);
COMMENT ON TABLE orders IS 'One row per checkout.';
COMMENT ON COLUMN orders.id IS 'Surrogate key.';
COMMENT ON COLUMN orders.order_number IS 'The number that customers and support quote.';
COMMENT ON COLUMN orders.user_id IS 'Who ordered.';
COMMENT ON COLUMN orders.status IS 'Where the order stands.';
COMMENT ON COLUMN orders.currency IS 'Currency of all amounts of the order.';
COMMENT ON COLUMN orders.total_cents IS 'Sum of the lines, in hundredths of the currency.';
COMMENT ON COLUMN orders.placed_at IS 'When the customer confirmed.';
COMMENT ON COLUMN orders.updated_at IS 'Last change; kept by a trigger.';

-- "My orders": the newest of one customer.
CREATE INDEX orders_user_id_placed_at_idx ON orders (user_id, placed_at DESC);

CREATE TRIGGER orders_touch_updated_at BEFORE UPDATE ON orders
FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TABLE order_items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    quantity bigint NOT NULL DEFAULT 1,
    unit_price_cents bigint NOT NULL,
    CONSTRAINT order_items_order_id_product_id_key UNIQUE (order_id, product_id),
    CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id),
    CONSTRAINT order_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT order_items_unit_price_cents_check CHECK (unit_price_cents >= 0)
);
COMMENT ON TABLE order_items IS 'The lines of an order, one per product.';
COMMENT ON COLUMN order_items.id IS 'Surrogate key.';
COMMENT ON COLUMN order_items.order_id IS 'The order that the line belongs to.';
COMMENT ON COLUMN order_items.product_id IS 'What was bought.';
COMMENT ON COLUMN order_items.quantity IS 'How many of it.';
COMMENT ON COLUMN order_items.unit_price_cents IS 'Price of one unit when the order was placed.';

CREATE INDEX order_items_product_id_idx ON order_items (product_id);
