-- The closed lists of the shop. New labels are added at the end; a label is never renamed or reused.

CREATE TYPE user_role AS ENUM ('customer', 'support', 'manager');
COMMENT ON TYPE user_role IS 'What a person may do in the shop.';

CREATE TYPE currency AS ENUM ('EUR', 'GBP', 'USD');
COMMENT ON TYPE currency IS 'ISO 4217 codes of the currencies that the shop sells in.';

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'delivered', 'cancelled');
COMMENT ON TYPE order_status IS 'Where an order stands; pending and paid ones are open.';

CREATE TYPE payment_status AS ENUM ('authorized', 'captured', 'refunded', 'failed');
COMMENT ON TYPE payment_status IS 'Last answer of the payment provider.';

CREATE TYPE audit_action AS ENUM ('INSERT', 'UPDATE', 'DELETE');
COMMENT ON TYPE audit_action IS 'The statement that changed an audited row, as TG_OP names it.';
