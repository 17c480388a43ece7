"""Views, functions, triggers, rights and comments, as they come on top of tables."""

from __future__ import annotations

from collections.abc import Iterator

from tests.checks.clean_sets.applications import Table
from tests.checks.clean_sets.steps import WAIT, Growth, Move, Step, without


def _view(growth: Growth, table: Table) -> Iterator[Step]:
    name, view = table.name, f"{table.name[:-1]}_overview"
    columns = ["id", *list(table.columns)[:2]]
    alive = _alive(table)
    growth.told(view)
    first = f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {name}{alive};"
    grant = f"GRANT SELECT ON {view} TO app_reader;"
    yield Step(f"create_{view}", "What the support desk reads.", f"{first}\n{grant}", f"DROP VIEW {view};")
    more = first.replace("CREATE VIEW", "CREATE OR REPLACE VIEW").replace(" FROM", ", created_at FROM")
    yield Step(f"show_age_in_{view}", "With the age.", more, f"DROP VIEW {view};\n{first}\n{grant}")


def _alive(table: Table) -> str:
    """A view shows live rows; where rows are not deleted softly today, the view keeps the table from it."""
    table.grown.add("_soft_delete")
    return " WHERE deleted_at IS NULL" if "deleted_at" in table.columns else ""


def _daily(growth: Growth, table: Table) -> Iterator[Step]:
    name, view, index = table.name, f"{table.name}_per_day", f"{table.name}_per_day_day_idx"
    growth.told(view, index)
    query = f"SELECT created_at::date AS day, count(*) AS made FROM {name}{_alive(table)} GROUP BY created_at::date"
    up = f"CREATE MATERIALIZED VIEW {view} AS\n{query};\nCREATE UNIQUE INDEX {index} ON {view} (day);\n"
    up += f"COMMENT ON MATERIALIZED VIEW {view} IS 'How many a day; refreshed by night.';"
    yield Step(f"create_{view}", "For the monthly report.", up, f"DROP MATERIALIZED VIEW {view};")
    refresh = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view};"
    yield Step(f"refresh_{view}", "Once by hand after the import.", refresh, "-- Nothing to take back: data only.")


def _touched(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = f"{WAIT}\nALTER TABLE {name} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();\n"
    up += f"CREATE TRIGGER {name}_touch BEFORE UPDATE ON {name}\n    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();"
    down = f"DROP TRIGGER {name}_touch ON {name};\n{without(name, 'updated_at')}"
    yield Step(f"keep_updated_at_of_{name}", "When a row changed last.", up, down)


def _audited(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = f"{WAIT}\nCREATE TRIGGER {name}_audit AFTER INSERT OR UPDATE OR DELETE ON {name}\n"
    up += "    FOR EACH ROW EXECUTE FUNCTION record_audit();"
    yield Step(f"audit_{name}", "The auditors asked for it.", up, f"DROP TRIGGER {name}_audit ON {name};")


def _function(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"count_{table.name}"
    head = f"FUNCTION {name}(since timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$\n    SELECT count(*)"
    first = f"CREATE {head} FROM {table.name} WHERE created_at >= since\n$$;"
    yield Step(f"create_{name}", "For the dashboard.", first, f"DROP FUNCTION {name}(timestamptz);")
    again = first.replace("CREATE", "CREATE OR REPLACE").replace(">= since", ">= since AND created_at <= now()")
    back = first.replace("CREATE", "CREATE OR REPLACE")
    yield Step(f"leave_out_future_of_{name}", "Imports have dates to come.", again, back)


def _granted(growth: Growth, table: Table) -> Iterator[Step]:
    up = f"GRANT SELECT ON {table.name} TO app_reader;\nGRANT INSERT, UPDATE ON {table.name} TO app_writer;"
    down = f"REVOKE INSERT, UPDATE ON {table.name} FROM app_writer;\nREVOKE SELECT ON {table.name} FROM app_reader;"
    yield Step(f"grant_{table.name}", "The least that both need.", up, down)


def _described(growth: Growth, table: Table) -> Iterator[Step]:
    columns = list(table.columns)[:2]
    says = [f"COMMENT ON COLUMN {table.name}.{c} IS '{c.replace('_', ' ').title()}, as typed.';" for c in columns]
    says_no = [f"COMMENT ON COLUMN {table.name}.{c} IS NULL;" for c in columns]
    yield Step(f"describe_{table.name}", "For whoever reads the schema.", "\n".join(says), "\n".join(says_no))


def _security(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = f"{WAIT}\nCREATE POLICY {name}_of_today ON {name} FOR SELECT TO app_reader\n    USING (created_at <= now());\n"
    up += f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
    down = f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;\nDROP POLICY {name}_of_today ON {name};"
    yield Step(f"secure_{name}", "Readers see what is published.", up, down)


def _report(growth: Growth, table: Table) -> Iterator[Step]:
    view = f"reporting.{table.name}_by_month"
    growth.told(f"{table.name}_by_month")
    query = f"SELECT date_trunc('month', created_at) AS month, count(*) AS made FROM {table.name}"
    up = f"CREATE VIEW {view} AS\n{query}{_alive(table)} GROUP BY 1;\nGRANT SELECT ON {view} TO app_reader;"
    yield Step(f"report_{table.name}_by_month", "Finance asks each month.", up, f"DROP VIEW {view};")


def _purged(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"purge_{table.name}"
    up = f"""CREATE PROCEDURE {name}(older_than timestamptz) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM {table.name} WHERE created_at < older_than;
    RAISE NOTICE 'purged {table.name}';
END
$$;
REVOKE ALL ON PROCEDURE {name}(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE {name}(timestamptz) TO app_writer;"""
    yield Step(f"create_{name}", "Called by the nightly job.", up, f"DROP PROCEDURE {name}(timestamptz);")


def _notified(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"notify_{table.name}"
    up = f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{table.name}', TG_OP);
    RETURN NULL;
END
$$;
{WAIT}
CREATE TRIGGER {name} AFTER INSERT ON {table.name}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();"""
    yield Step(
        f"notify_of_{table.name}",
        "The worker listens.",
        up,
        f"DROP TRIGGER {name} ON {table.name};\nDROP FUNCTION {name}();",
    )


def _listed(growth: Growth, table: Table) -> Iterator[Step]:
    view, new = f"{table.name}_list", f"{table.name}_newest"
    growth.told(view, new)
    up = f"CREATE VIEW {view} AS SELECT id, created_at FROM {table.name}{_alive(table)};"
    yield Step(f"create_{view}", "For the old app.", up, f"DROP VIEW {view};")
    rename, back = f"ALTER VIEW {view} RENAME TO {new};", f"ALTER VIEW {new} RENAME TO {view};"
    yield Step(f"rename_{view}", "It never was a list.", rename, back)
    gone = f"DROP VIEW {new};"
    yield Step(f"drop_{new}", "The old app is gone.", gone, up.replace(view, new))


def _newest(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"newest_{table.name}"
    up = f"""CREATE FUNCTION {name}(how_many integer) RETURNS SETOF {table.name} LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM {table.name} ORDER BY created_at DESC LIMIT how_many;
END;
COMMENT ON FUNCTION {name}(integer) IS 'The newest first.';"""
    yield Step(f"create_{name}", "The start page.", up, f"DROP FUNCTION {name}(integer);")


MOVES: list[Move] = [
    _view,
    _daily,
    _touched,
    _audited,
    _function,
    _granted,
    _described,
    _security,
    _report,
    _purged,
    _notified,
    _listed,
    _newest,
]
