-- An hour with a therapist behind each client in care, and for half of them one ahead: no therapist is in two places.
CREATE TEMPORARY TABLE met ON COMMIT DROP AS
SELECT s.*, made('session', n * 2 + ahead) AS session_id, made('attendance', n * 2 + ahead) AS attendance_id, ahead,
  date_trunc('day', anchor) + make_interval(
    days => CASE ahead WHEN 0 THEN -1 - place / 10 / 8 ELSE 2 + place / 10 / 8 END::int, hours => (15 + place / 10 %% 8)::int
  ) AS starts_at
FROM seeded AS s, generate_series(0, 1) AS ahead
WHERE kind IS NOT NULL AND stage <> 'on_hold' AND (ahead = 0 OR dice(n, 40) %% 2 = 0);
ANALYZE met;

INSERT INTO sessions_session (id, version, stage, closed_at, detached, discipline, format, mode, place_type, title,
  starts_at, ends_at, timezone, cancelled_by, late_reason, organization_id, staff_id, group_size)
SELECT session_id, 1, CASE ahead WHEN 0 THEN 'held' ELSE 'scheduled' END,
  CASE ahead WHEN 0 THEN starts_at + interval '50 minutes' END, false, 'clinical', 'individual', 'in_person', 'office', '',
  starts_at, starts_at + interval '50 minutes', timezone, '', '', organization_id, helper_id, 0
FROM met;

INSERT INTO sessions_sessionmove (verb, rule, from_stage, to_stage, effective_at, actor_kind, actor_id, reason, given, facts,
  request_id, session_id)
SELECT v.verb, v.rule, v.before, v.after, casemgmt_now(), 'staff', helper_id, '', '{}', '{}', '', session_id
FROM met
JOIN (VALUES (1, 'schedule', 'F9', '', 'scheduled'), (2, 'hold', 'PEER-05', 'scheduled', 'held'))
  AS v (i, verb, rule, before, after) ON v.i = 1 OR ahead = 0
ORDER BY n, ahead, i;

INSERT INTO sessions_attendance (id, version, state, minutes, cancelled_by, starts_at, client_id, enrollment_id, episode_id,
  session_id)
SELECT attendance_id, 1, CASE ahead WHEN 0 THEN 'attended' ELSE 'expected' END, CASE ahead WHEN 0 THEN 50 ELSE 0 END, '',
  starts_at, id, made('enrollment', n), episode_id, session_id
FROM met;

INSERT INTO sessions_attendancemove (from_state, to_state, minutes, cancelled_by, reason, actor_kind, actor_id, request_id,
  attendance_id)
SELECT v.before, v.after, v.minutes, '', '', 'staff', helper_id, '', attendance_id
FROM met
JOIN (VALUES (1, '', 'expected', 0), (2, 'expected', 'attended', 50)) AS v (i, before, after, minutes) ON v.i = 1 OR ahead = 0
ORDER BY n, ahead, i;
