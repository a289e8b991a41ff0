#include "gateway/store/postgres/attempt_days.hpp"

namespace tributary::store {

// Each partition has a key of its own: ids come from one sequence, and a key of all would have to include the time. The
// first day stands clear of rows that are there, of gateways whose clocks are a little ahead among them.
const char* const kAttemptDays = R"(
ALTER TABLE attempt RENAME TO attempt_before;
ALTER INDEX attempt_pkey RENAME TO attempt_before_pkey;
ALTER INDEX attempt_customer RENAME TO attempt_before_customer;
CREATE TABLE attempt (LIKE attempt_before INCLUDING IDENTITY) PARTITION BY RANGE (at);
CREATE INDEX attempt_customer ON attempt (customer, record);
CREATE TABLE attempt_default PARTITION OF attempt (PRIMARY KEY (id)) DEFAULT;
CREATE INDEX attempt_default_at ON attempt_default (at);

DO $$
DECLARE
    today CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) / 86400);
    first_day CONSTANT bigint :=
        86400000 * CASE WHEN EXISTS (SELECT FROM attempt_before) THEN today + 2 ELSE today - 1 END;
BEGIN
    PERFORM setval(pg_get_serial_sequence('attempt', 'id'), nextval(pg_get_serial_sequence('attempt_before', 'id')), false);
    ALTER TABLE attempt_before ALTER COLUMN id DROP IDENTITY;
    WITH later AS (DELETE FROM attempt_before WHERE at >= first_day RETURNING *)
        INSERT INTO attempt_default SELECT * FROM later;
    EXECUTE format('ALTER TABLE attempt ATTACH PARTITION attempt_before FOR VALUES FROM (MINVALUE) TO (%s)', first_day);
END $$;

-- No bound: NULL.
CREATE VIEW attempt_part AS
    SELECT name, substring(bounds FROM 'FROM \(''(-?\d+)''\)')::bigint AS since,
        substring(bounds FROM 'TO \(''(-?\d+)''\)')::bigint AS until
    FROM (SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bounds
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'attempt'::regclass) AS part;

CREATE FUNCTION attempt_days_ahead() RETURNS void LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
DECLARE
    today CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) / 86400);
    begins bigint;
    ends bigint;
BEGIN
    FOR day IN today - 1 .. today + 7 LOOP
        begins := day * 86400000::bigint;
        ends := begins + 86400000;
        CONTINUE WHEN EXISTS (SELECT FROM attempt_part WHERE until >= ends AND coalesce(since, begins) <= begins)
            OR EXISTS (SELECT FROM attempt_default WHERE at >= begins AND at < ends);
        EXECUTE format('CREATE TABLE %I PARTITION OF attempt (PRIMARY KEY (id)) FOR VALUES FROM (%s) TO (%s)',
            to_char(to_timestamp(begins / 1000) AT TIME ZONE 'UTC', '"attempt_"YYYYMMDD'), begins, ends);
    END LOOP;
EXCEPTION WHEN lock_not_available THEN NULL;
END $$;

CREATE FUNCTION attempt_drop_days(before bigint) RETURNS void LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
DECLARE
    day text;
BEGIN
    FOR day IN SELECT name FROM attempt_part WHERE until <= before LOOP
        EXECUTE format('DROP TABLE %I', day);
    END LOOP;
EXCEPTION WHEN lock_not_available THEN NULL;
END $$;

CREATE FUNCTION attempt_sweep(before bigint, step bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    removed bigint;
    more bigint := 0;
BEGIN
    DELETE FROM attempt_default WHERE id IN (SELECT id FROM attempt_default WHERE at < before ORDER BY at LIMIT step);
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF to_regclass('attempt_before') IS NOT NULL THEN
        DELETE FROM attempt_before WHERE id IN (SELECT id FROM (SELECT id, at FROM attempt_before ORDER BY id LIMIT step)
            AS oldest WHERE at < before);
        GET DIAGNOSTICS more = ROW_COUNT;
    END IF;
    PERFORM attempt_days_ahead();
    PERFORM attempt_drop_days(before);
    RETURN removed + more;
END $$;

SELECT attempt_days_ahead();
)";

}  // namespace tributary::store
