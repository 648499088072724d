-- The two database roles of casemgmt and their rights. A superuser runs this once in the application's database, before
-- the first migration; it can be run again. Passwords are not set here: ALTER ROLE casemgmt_app PASSWORD '...'.
--
--   casemgmt_owner  owns the tables; used by `manage.py migrate --database owner` only
--   casemgmt_app    used by every running process; cannot change tables, and cannot alter ledgers (the migrations that
--                   make a table append-only take UPDATE, DELETE and TRUNCATE away from it)
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'casemgmt_owner') THEN
    CREATE ROLE casemgmt_owner;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'casemgmt_app') THEN
    CREATE ROLE casemgmt_app;
  END IF;
END
$$;

ALTER ROLE casemgmt_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
ALTER ROLE casemgmt_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;

REVOKE CREATE ON SCHEMA public FROM PUBLIC, casemgmt_app;
GRANT USAGE ON SCHEMA public TO casemgmt_app;
GRANT USAGE, CREATE ON SCHEMA public TO casemgmt_owner;

-- Tables that do not exist yet: each migration that creates one grants these by itself.
ALTER DEFAULT PRIVILEGES FOR ROLE casemgmt_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO casemgmt_app;
ALTER DEFAULT PRIVILEGES FOR ROLE casemgmt_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO casemgmt_app;

-- What PostgreSQL logs of an error would quote the statement with its values and the row it met: names, numbers, notes.
-- The application logs the error by its class; the server's log keeps the message alone.
DO $$
BEGIN
  ALTER ROLE casemgmt_app SET log_min_error_statement = 'panic';
  ALTER ROLE casemgmt_app SET log_error_verbosity = 'terse';
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'set log_min_error_statement and log_error_verbosity for casemgmt_app yourself: %', SQLERRM;
END
$$;
