DROP TYPE audit_action;
DROP TYPE payment_status;
DROP TYPE order_status;
DROP TYPE currency;
DROP TYPE user_role;
