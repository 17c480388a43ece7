-- What sells, for the start page. The unique index lets the view be refreshed while the shop reads it.

CREATE MATERIALIZED VIEW product_popularity AS
SELECT
    p.id AS product_id,
    p.sku,
    p.name,
    count(i.id) AS order_count,
    coalesce(sum(i.quantity), 0)::bigint AS units_sold
FROM products AS p
LEFT JOIN order_items AS i ON i.product_id = p.id
WHERE p.deleted_at IS NULL
GROUP BY p.id, p.sku, p.name;
COMMENT ON MATERIALIZED VIEW product_popularity IS 'Orders and units sold of every active product; refreshed hourly.';
COMMENT ON COLUMN product_popularity.product_id IS 'The product.';
COMMENT ON COLUMN product_popularity.sku IS 'Its stock keeping unit.';
COMMENT ON COLUMN product_popularity.name IS 'Its name in the shop.';
COMMENT ON COLUMN product_popularity.order_count IS 'In how many orders it occurs.';
COMMENT ON COLUMN product_popularity.units_sold IS 'How many units were sold.';

CREATE UNIQUE INDEX product_popularity_product_id_key ON product_popularity (product_id);
CREATE INDEX product_popularity_units_sold_idx ON product_popularity (units_sold DESC);
