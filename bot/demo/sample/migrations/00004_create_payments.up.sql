-- Payments as the provider reports them. An order may have several: a failed try, then a captured one, then a refund.

CREATE TABLE payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL,
    provider_reference text NOT NULL,
    status payment_status NOT NULL DEFAULT 'authorized',
    amount_cents bigint NOT NULL,
    currency currency NOT NULL DEFAULT 'EUR',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payments_provider_reference_key UNIQUE (provider_reference),
    CONSTRAINT payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT payments_amount_cents_check CHECK (amount_cents >= 0)
);
COMMENT ON TABLE payments IS 'One row per attempt to pay or refund an order.';
COMMENT ON COLUMN payments.id IS 'Surrogate key.';
COMMENT ON COLUMN payments.order_id IS 'The order that was paid.';
COMMENT ON COLUMN payments.provider_reference IS 'The id of the payment at the provider.';
COMMENT ON COLUMN payments.status IS 'Last answer of the provider.';
COMMENT ON COLUMN payments.amount_cents IS 'Amount in hundredths of the currency.';
COMMENT ON COLUMN payments.currency IS 'Currency of the amount.';
COMMENT ON COLUMN payments.created_at IS 'When the attempt began.';
COMMENT ON COLUMN payments.updated_at IS 'Last change; kept by a trigger.';

CREATE INDEX payments_order_id_idx ON payments (order_id);

-- The hourly reconciliation reads what is not settled yet, and nothing else.
CREATE INDEX payments_authorized_created_at_idx ON payments (created_at) WHERE status = 'authorized';

CREATE TRIGGER payments_touch_updated_at BEFORE UPDATE ON payments
FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
