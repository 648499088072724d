-- Who comes in this batch, and what all tables below ask about them. `place` counts within the organization.
CREATE TEMPORARY TABLE seeded ON COMMIT DROP AS
SELECT c.*, made('organization', o) AS organization_id, t.created_at AS anchor, t.timezone,
  made('client', n) AS id, made('episode', n) AS episode_id, made('phone', n) AS phone_id,
  made('user', manager) AS manager_id, made('user', helper) AS helper_id,
  way[cardinality(way)] AS stage, opened_at + step * (cardinality(way) - 1) AS since,
  way[cardinality(way)] = ANY (ARRAY['completed', 'discharged', 'transferred', 'deceased', 'cancelled']) AS ended,
  array_position(ARRAY['iop', 'therapy', 'peer_support', 'sober_living', 'aftercare'],
    CASE way[cardinality(way)] WHEN 'on_hold' THEN 'therapy' ELSE way[cardinality(way)] END) - 1 AS kind,
  dice(n, 10) %% 100 < 85 AS reached, dice(n, 10) %% 100 < 55 AS texted
FROM (
  SELECT b.*, o * 100 + place %% 20 AS manager, o * 100 + 20 + place %% 10 AS helper,
    t.created_at - make_interval(days => 30 + (dice(n, 11) %% 700)::int) AS opened_at,
    make_interval(secs => 86400 * (30 + dice(n, 11) %% 700) / (cardinality(way) + 1)) AS step
  FROM (
    SELECT n, CASE WHEN n < 8000 THEN n %% 4 ELSE n / 2000 END AS o,
      CASE WHEN n < 8000 THEN n / 4 ELSE n %% 2000 END AS place,
      CASE
        WHEN d < 80 THEN ARRAY['intake']
        WHEN d < 130 THEN ARRAY['intake', 'waitlist']
        WHEN d < 250 THEN ARRAY['intake', 'iop']
        WHEN d < 430 THEN ARRAY['intake', 'iop', 'therapy']
        WHEN d < 570 THEN ARRAY['intake', 'therapy', 'peer_support']
        WHEN d < 660 THEN ARRAY['intake', 'waitlist', 'sober_living']
        WHEN d < 800 THEN ARRAY['intake', 'iop', 'therapy', 'aftercare']
        WHEN d < 840 THEN ARRAY['intake', 'therapy', 'on_hold']
        WHEN d < 910 THEN ARRAY['intake', 'therapy', 'aftercare', 'completed']
        WHEN d < 970 THEN ARRAY['intake', 'iop', 'discharged']
        WHEN d < 990 THEN ARRAY['intake', 'therapy', 'transferred']
        WHEN d < 997 THEN ARRAY['intake', 'cancelled']
        ELSE ARRAY['intake', 'therapy', 'deceased']
      END AS way
    FROM (SELECT n, dice(n, 12) %% 1000 AS d FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS thrown
  ) AS b
  JOIN accounts_organization AS t ON t.id = made('organization', o)
) AS c
JOIN accounts_organization AS t ON t.id = made('organization', o);
ANALYZE seeded;

INSERT INTO clients_client (id, version, organization_id, given_name, family_name, birth_date, language, residence_state,
  city, timezone, deceased, deceased_on, source_system, source_id)
SELECT id, 1, organization_id, pick(n, 13, given), pick(n, 14, families), date '1950-01-01' + (dice(n, 15) %% 20000)::int,
  CASE WHEN dice(n, 16) %% 100 < 12 THEN 'es' ELSE 'en' END,
  CASE timezone WHEN 'America/New_York' THEN 'NY' WHEN 'America/Denver' THEN 'CO' WHEN 'America/Phoenix' THEN 'AZ'
       WHEN 'America/Los_Angeles' THEN 'CA' ELSE 'KS' END,
  pick(n, 17, places), timezone, stage = 'deceased', CASE stage WHEN 'deceased' THEN since::date END, %(source)s, n::text
FROM seeded;

INSERT INTO clients_contactpoint (id, version, client_id, kind, value, status, preferred)
SELECT phone_id, 1, id, 'phone', '+1316' || 2000000 + n, CASE WHEN texted THEN 'valid' ELSE 'unverified' END, true
FROM seeded WHERE reached
UNION ALL
SELECT made('email', n), 1, id, 'email', 'c' || n || '@client.example', 'unverified', true
FROM seeded WHERE dice(n, 18) %% 100 < 60;

INSERT INTO access_grant (id, version, client_id, organization_id, user_id, reason, scope, source_id)
SELECT made('grant', n), 1, id, organization_id, NULL, 'care', 'record', NULL FROM seeded;

-- A lead on every team of an open episode, and somebody clinical on those in care; each with a grant of their own.
WITH team AS (
  INSERT INTO care_team_careteammember (id, version, role, lead, started_on, end_reason, client_id, organization_id, user_id)
  SELECT made('lead', n), 1, 'case_manager', true, opened_at::date, '', id, organization_id, manager_id
  FROM seeded WHERE NOT ended
  UNION ALL
  SELECT made('helper', n), 1, 'therapist', false, opened_at::date, '', id, organization_id, helper_id
  FROM seeded WHERE kind IS NOT NULL
  RETURNING id, client_id, organization_id, user_id
)
INSERT INTO access_grant (id, version, client_id, organization_id, user_id, reason, scope, source_id)
SELECT id, 1, client_id, organization_id, user_id, 'care_team', 'record', id FROM team;
