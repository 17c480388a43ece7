-- What only production has: an import that ran twice, so that one active product is listed under two SKUs.

INSERT INTO products (sku, name, price_cents)
SELECT 'IMP-' || sku, name, price_cents
FROM products
WHERE sku = 'CLA-0078';
