"""Databases in which everything is wrong, under names that only quotes make usable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from tests.checks.history_samples import SQLX
from tests.postgres import TestDatabase

_ROLES = ("Owner", "App", "Mig", "Root", "Strong")
_MADE = r"""
ALTER DATABASE "{name}" OWNER TO {owner};
ALTER DATABASE "{name}" SET timezone = 'UTC';
REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "{name}" TO {monitor}, {owner};
ALTER SCHEMA public OWNER TO {owner};
CREATE SCHEMA "My Shop" AUTHORIZATION {owner};
CREATE SCHEMA "select" AUTHORIZATION {owner};
CREATE SCHEMA cron AUTHORIZATION {owner};
SET ROLE {owner};
CREATE TYPE "My Shop"."Mood" AS ENUM ('so so');
CREATE TABLE "My Shop"."User" ("Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" int, "n" int);
CREATE TABLE "My Shop"."order" (id bigserial PRIMARY KEY, "user Id" bigint, "a""b" int, note text,
  CONSTRAINT "User's" FOREIGN KEY ("user Id") REFERENCES "My Shop"."User");
CREATE TABLE "My Shop".basket (id bigint PRIMARY KEY, "user Id" bigint REFERENCES "My Shop"."User");
CREATE TABLE public."table" (id bigint PRIMARY KEY, "Sum" int, CONSTRAINT "check" UNIQUE ("Sum"));
ALTER TABLE public."table" ADD CONSTRAINT "or" CHECK ("Sum" > 0) NOT VALID;
ALTER TABLE "My Shop".basket ADD CONSTRAINT "Late" FOREIGN KEY (id) REFERENCES "My Shop"."User" NOT VALID;
CREATE TABLE "My Shop"."Base" (id bigint, "Positive" int);
CREATE TABLE "My Shop"."Child" () INHERITS ("My Shop"."Base");
ALTER TABLE "My Shop"."Base" ADD CONSTRAINT "is Positive" CHECK ("Positive" > 0) NOT VALID;
CREATE TABLE "My Shop"."Event Log" (at timestamptz NOT NULL, "who" bigint,
  CONSTRAINT "fk Who" FOREIGN KEY ("who") REFERENCES "My Shop"."User") PARTITION BY RANGE (at);
DO $$ BEGIN FOR n IN 1..2 LOOP EXECUTE format('CREATE TABLE "My Shop"."Log %s" PARTITION OF "My Shop"."Event Log"
  FOR VALUES FROM (%L) TO (%L)', n, date_trunc('month', now()) - (3 - n) * interval '1 month',
  date_trunc('month', now()) - (2 - n) * interval '1 month'); END LOOP; END $$;
CREATE TABLE "My Shop"."Old Log" PARTITION OF "My Shop"."Event Log" FOR VALUES FROM ('2001-01-01') TO ('2001-02-01');
CREATE TABLE "My Shop"."user" (at date NOT NULL, "Key" int) PARTITION BY RANGE (at);
CREATE TABLE "My Shop"."user 1" PARTITION OF "My Shop"."user" FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
CREATE TABLE "My Shop"."user 2" PARTITION OF "My Shop"."user" FOR VALUES FROM ('2002-01-01') TO ('3002-01-01');
CREATE TABLE "My Shop"."user 3" PARTITION OF "My Shop"."user" FOR VALUES FROM ('3003-01-01') TO ('3004-01-01');
CREATE TABLE "My Shop"."user rest" PARTITION OF "My Shop"."user" DEFAULT;
CREATE UNIQUE INDEX "Once" ON ONLY "My Shop"."user" (at, "Key");
ALTER TABLE ONLY "My Shop"."Event Log" ADD CONSTRAINT "at Once" UNIQUE (at, "who");
CREATE FUNCTION "My Shop"."Touch It"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "before" BEFORE INSERT ON "My Shop"."order" FOR EACH ROW EXECUTE FUNCTION "My Shop"."Touch It"();
CREATE TRIGGER "The ""Log"" one" AFTER INSERT ON "My Shop"."Event Log" FOR EACH ROW
  EXECUTE FUNCTION "My Shop"."Touch It"();
ALTER TABLE "My Shop"."order" DISABLE TRIGGER "before";
ALTER TABLE "My Shop"."Event Log" DISABLE TRIGGER "The ""Log"" one";
INSERT INTO "My Shop"."User" ("select", n) SELECT 0, 0 FROM generate_series(1, 2);
INSERT INTO "My Shop"."User" ("Id", "select", n) OVERRIDING SYSTEM VALUE VALUES (50, 0, 0);
INSERT INTO "My Shop"."user" VALUES ('1990-01-01', 1);
INSERT INTO "My Shop"."order" ("user Id", "a""b") SELECT 1, n FROM generate_series(1, 1500) n;
UPDATE "My Shop"."order" SET note = 'x';
UPDATE "My Shop"."order" SET note = 'y';
CREATE INDEX "Not Read" ON "My Shop"."order" ("a""b");
CREATE MATERIALIZED VIEW "My Shop"."Daily" AS SELECT count(*) AS n FROM "My Shop"."order" WITH NO DATA;
CREATE MATERIALIZED VIEW "My Shop"."group" AS SELECT count(*) AS n FROM "My Shop"."order";
CREATE UNIQUE INDEX ON "My Shop"."group" (n);
DELETE FROM "My Shop"."order" WHERE id = 7;
CREATE FUNCTION "My Shop"."Who Is"("My Shop"."Mood") RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE POLICY "Some" ON public."table" USING (true);
GRANT CREATE ON SCHEMA "select" TO PUBLIC;
GRANT SELECT ON "My Shop"."order" TO PUBLIC;
CREATE TABLE cron.job (jobid bigserial PRIMARY KEY, schedule text, command text, active boolean DEFAULT true);
CREATE TABLE cron.job_run_details (jobid bigint, runid bigint, status text, start_time timestamptz,
  end_time timestamptz);
CREATE FUNCTION cron.schedule(text, text, text) RETURNS bigint LANGUAGE sql AS
  'INSERT INTO cron.job (schedule, command) VALUES ($2, $3) RETURNING jobid';
GRANT USAGE ON SCHEMA cron TO {monitor};
GRANT SELECT ON ALL TABLES IN SCHEMA cron TO {monitor};
SET search_path = "My Shop";
{history};
SET search_path = public;
RESET ROLE;
ALTER TABLE "My Shop".basket DISABLE TRIGGER ALL;
CREATE TABLE "My Shop"."Lost" ("user Id" bigint CONSTRAINT "Who" REFERENCES "My Shop"."User");
CREATE INDEX ON "My Shop"."Lost" ("user Id");
ALTER TABLE "My Shop"."Lost" OWNER TO {owner};
SET session_replication_role = replica;
INSERT INTO "My Shop"."Lost" VALUES (99);
RESET session_replication_role;
ALTER ROLE {app} IN DATABASE "{name}" SET session_replication_role = replica;
ALTER DATABASE "{name}" SET session_replication_role = replica;
ALTER DATABASE "{name}" SET enable_partition_pruning = off;
ALTER ROLE {mig} IN DATABASE "{name}" SET lock_timeout = '1h';
GRANT {mig} TO {owner};
ALTER ROLE {root} SUPERUSER;
ALTER ROLE {strong} BYPASSRLS CREATEROLE;
SELECT pg_create_physical_replication_slot('{name}', true);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public."check"'::regclass;
"""
_SINCE_18 = """
SET ROLE {owner};
ALTER TABLE public."table" ADD CONSTRAINT "Never" CHECK ("Sum" < 9) NOT ENFORCED;
ALTER TABLE "My Shop"."Base" ADD CONSTRAINT "is Small" CHECK ("Positive" < 9) NOT ENFORCED;
ALTER TABLE "My Shop".basket ADD CONSTRAINT "Loose" FOREIGN KEY (id) REFERENCES "My Shop"."User" NOT ENFORCED;
"""
# What CREATE INDEX CONCURRENTLY leaves behind when it fails, and what then mends the rows.
_FAILING = (
    'CREATE INDEX CONCURRENTLY "Left Over" ON "My Shop"."User" ((1 / "select"))',
    'CREATE UNIQUE INDEX CONCURRENTLY "Twice" ON "My Shop"."User" (n)',
)
_ROWS_MENDED = 'UPDATE "My Shop"."User" SET "select" = "Id", n = "Id"'


@dataclass(frozen=True)
class Estate:
    """The database, and its roles as they are typed; their names are `NAME Owner` and so on."""

    database: TestDatabase
    roles: dict[str, str]

    @property
    def migrator(self) -> str:
        return f"{self.database.name} Mig"

    @contextmanager
    def session(self, role: str = "") -> Iterator[psycopg.Connection]:
        """As the superuser, or as one of the roles."""
        with self.database.connect() as connection:
            if role:
                connection.execute(f"SET SESSION AUTHORIZATION {self.roles[role]}".encode())
            yield connection


@contextmanager
def odd_estate(database: TestDatabase) -> Iterator[Estate]:
    """Roles belong to the server, and go with the database."""
    roles = {role.lower(): f'"{database.name} {role}"' for role in _ROLES}
    known = roles | {"name": database.name, "monitor": database.monitor_role, "history": SQLX}
    for role in roles.values():
        database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    try:
        with database.connect() as connection:
            connection.execute(_MADE.format(**known).encode())
            if connection.info.server_version >= 180000:
                connection.execute(_SINCE_18.format(**known).encode())
        _leave_invalid(database)
        yield Estate(database, roles)
    finally:
        gone = ", ".join(roles.values())
        database.execute(f"REASSIGN OWNED BY {gone} TO postgres; DROP OWNED BY {gone}; DROP ROLE {gone}")


def _leave_invalid(database: TestDatabase) -> None:
    with database.connect() as connection:
        for statement in _FAILING:
            with suppress(psycopg.DataError, psycopg.IntegrityError):
                connection.execute(statement.encode())
        connection.execute(_ROWS_MENDED.encode())
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("""SELECT pg_stat_reset_single_table_counters('"My Shop"."user rest"'::regclass)""")
