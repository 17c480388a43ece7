-- Rows of a small shop. The same every time, except that days are counted back from today.
-- Runs as the application on freshly migrated tables: the ids are 1, 2, 3, …
-- shop.orders says how many orders there are.

INSERT INTO users (email, display_name, role, created_at, updated_at, deleted_at)
SELECT
    lower(first || '.' || last || CASE WHEN n > 960 THEN n::text ELSE '' END) || '@example.com',
    first || ' ' || last,
    (CASE WHEN n <= 3 THEN 'manager' WHEN n <= 15 THEN 'support' ELSE 'customer' END)::user_role,
    joined, joined,
    CASE WHEN n % 29 = 0 THEN joined + interval '60 days' END
FROM (
    SELECT
        n,
        (ARRAY['Ada', 'Amir', 'Beate', 'Carlos', 'Chiara', 'Daniel', 'Elif', 'Emil', 'Fatima', 'Greta', 'Hugo', 'Ines',
               'Jakub', 'Jana', 'Kofi', 'Lena', 'Luca', 'Maja', 'Marek', 'Mina', 'Nora', 'Oskar', 'Paula', 'Ravi',
               'Rosa', 'Samir', 'Sofia', 'Tarik', 'Tove', 'Viktor', 'Yuki', 'Zoe'])[1 + n % 32] AS first,
        (ARRAY['Adler', 'Almeida', 'Bauer', 'Berg', 'Costa', 'Demir', 'Dubois', 'Eriksen', 'Fischer', 'Garcia', 'Haas',
               'Horvat', 'Ito', 'Jansen', 'Keller', 'Kowalski', 'Larsen', 'Lehmann', 'Martin', 'Moreau', 'Nagy',
               'Novak', 'Okafor', 'Patel', 'Peters', 'Rossi', 'Silva', 'Vogel', 'Weber', 'Yilmaz'])[1 + n / 32 % 30]
            AS last,
        date_trunc('day', now()) - make_interval(days => 420 - n % 270, mins => n * 37 % 1440) AS joined
    FROM generate_series(1, 400) AS n
) AS person;

-- Closed an account and came back: the same address twice, once active.
INSERT INTO users (email, display_name, created_at, updated_at)
SELECT email, display_name, deleted_at + interval '9 days', deleted_at + interval '9 days'
FROM users
WHERE deleted_at IS NOT NULL AND id % 58 = 0
ORDER BY id;

INSERT INTO products (sku, name, price_cents, currency, created_at, updated_at, deleted_at)
SELECT
    upper(left(material, 3)) || '-' || lpad(n::text, 4, '0'),
    material || ' ' || thing,
    990 + n * 7919 % 24000 / 50 * 50,
    'EUR',
    listed, listed,
    CASE WHEN n % 17 = 0 THEN listed + interval '200 days' END
FROM (
    SELECT
        n,
        (ARRAY['Oak', 'Steel', 'Linen', 'Cork', 'Wool', 'Glass', 'Copper', 'Bamboo', 'Clay', 'Birch'])[1 + n % 10]
            AS material,
        (ARRAY['desk lamp', 'bowl', 'blanket', 'chair', 'vase', 'shelf', 'tray', 'mirror', 'clock'])[1 + n / 10 % 9]
            AS thing,
        date_trunc('day', now()) - make_interval(days => 400 - n) AS listed
    FROM generate_series(0, 89) AS n
) AS goods;

CREATE TEMP TABLE seed_line ON COMMIT DROP AS
SELECT DISTINCT ON (o, product.id)
    o AS order_id,
    product.id AS product_id,
    1 + (o * 31 + line * 17) % 3 AS quantity,
    product.price_cents
FROM generate_series(1, current_setting('shop.orders')::bigint) AS o
CROSS JOIN LATERAL generate_series(1, 1 + o * 13 % 4) AS line
JOIN products AS product ON product.id = 1 + (o * 7919 + line * 104729) % 90
ORDER BY o, product.id, line;

INSERT INTO orders (order_number, user_id, status, currency, total_cents, placed_at, updated_at)
SELECT
    'SO-' || lpad(o::text, 6, '0'),
    1 + o * 6151 % 400,
    (CASE
        WHEN age > 12 THEN CASE WHEN o % 19 = 0 THEN 'cancelled' ELSE 'delivered' END
        WHEN age > 5 THEN 'shipped'
        WHEN o % 3 = 0 THEN 'pending'
        ELSE 'paid'
    END)::order_status,
    'EUR',
    total,
    placed_at, placed_at
FROM (
    SELECT
        order_id AS o,
        sum(quantity * price_cents) AS total,
        145 * (1 - (order_id - 0.5) / current_setting('shop.orders')::bigint) AS age
    FROM seed_line
    GROUP BY order_id
) AS basket
CROSS JOIN LATERAL (
    SELECT date_trunc('second', date_trunc('day', now()) - interval '1 day' * age::double precision)
) AS moment (placed_at)
ORDER BY o;

INSERT INTO order_items (order_id, product_id, quantity, unit_price_cents)
SELECT order_id, product_id, quantity, price_cents
FROM seed_line
ORDER BY order_id, product_id;

INSERT INTO payments (order_id, provider_reference, status, amount_cents, currency, created_at, updated_at)
SELECT
    id, 'pay_' || substr(md5(order_number), 1, 16),
    (CASE status WHEN 'pending' THEN 'authorized' WHEN 'cancelled' THEN 'refunded' ELSE 'captured' END)::payment_status,
    total_cents, currency, placed_at + interval '40 seconds', placed_at + interval '40 seconds'
FROM orders
ORDER BY id;

INSERT INTO page_events (occurred_at, user_id, path, duration_ms)
SELECT
    date_trunc('day', now()) - make_interval(mins => (e * 53 % 172800)::integer),
    CASE WHEN e % 3 > 0 THEN 1 + e * 4099 % 400 END,
    CASE e % 5 WHEN 0 THEN '/' WHEN 1 THEN '/cart' WHEN 2 THEN '/orders' ELSE '/products/' || 1 + e * 71 % 90 END,
    400 + e * 7349 % 60000
FROM generate_series(1, current_setting('shop.orders')::bigint * 2) AS e;
