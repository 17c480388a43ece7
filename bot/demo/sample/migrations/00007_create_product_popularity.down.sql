DROP MATERIALIZED VIEW product_popularity;
