-- One episode each, with the ledger of its way, and what it runs beside.
INSERT INTO episodes_episode (id, version, stage, held_stage, opened_at, ended_at, source, client_id, organization_id, teds_code)
SELECT episode_id, 1, stage, CASE stage WHEN 'on_hold' THEN 'therapy' ELSE '' END, opened_at,
  CASE WHEN ended THEN since END, (ARRAY['self', 'family', 'court', 'hospital'])[dice(n, 20) %% 4 + 1], id, organization_id,
  CASE stage WHEN 'completed' THEN 1 WHEN 'discharged' THEN 2 WHEN 'transferred' THEN 4 WHEN 'deceased' THEN 6 END
FROM seeded;

INSERT INTO episodes_stagemove (verb, rule, from_stage, to_stage, enters, direction, at, effective_at, actor_kind, actor_id,
  actor_roles, reason, given, facts, request_id, episode_id, definition, on_behalf_of)
SELECT CASE WHEN i = 1 THEN 'open'
    ELSE coalesce((%(verbs)s::jsonb) ->> way[i], 'enter_' || way[i]) END,
  CASE WHEN i = 1 THEN 'T1' ELSE 'seed' END, CASE WHEN i = 1 THEN '' ELSE way[i - 1] END, way[i], way[i],
  coalesce((%(directions)s::jsonb) ->> (CASE WHEN i = 1 THEN '' ELSE way[i - 1] END || ' ' || way[i]), ''),
  opened_at + step * (i - 1), opened_at + step * (i - 1), 'staff', manager_id, ARRAY['case_manager'], 'Made up.',
  CASE way[i] WHEN 'discharged' THEN '{"discharge_reason": "dropped_out"}'::jsonb ELSE '{}'::jsonb END,
  '{}', '', episode_id, %(definition)s, ''
FROM seeded, generate_series(1, cardinality(way)) AS i
ORDER BY n, i;

INSERT INTO programs_enrollment (id, version, stage, started_at, client_id, episode_id, program_id, provider_id,
  over_capacity_reason)
SELECT made('enrollment', n), 1, CASE stage WHEN 'on_hold' THEN 'on_hold' ELSE 'active' END, since, id, episode_id,
  made('program', o * 5 + kind), CASE WHEN kind < 2 THEN helper_id END, ''
FROM seeded WHERE kind IS NOT NULL;

INSERT INTO programs_enrollmentmove (verb, rule, from_stage, to_stage, at, effective_at, actor_kind, actor_id, reason, given,
  facts, request_id, enrollment_id)
SELECT v.verb, 'STG-01', v.before, v.after, since, since, 'staff', manager_id, '', '{}', '{}', '', made('enrollment', n)
FROM seeded
JOIN (VALUES (1, 'plan', '', 'planned'), (2, 'activate', 'planned', 'active'), (3, 'hold', 'active', 'on_hold'))
  AS v (i, verb, before, after) ON v.i < 3 OR stage = 'on_hold'
WHERE kind IS NOT NULL
ORDER BY n, i;

UPDATE programs_program AS p SET places_taken = places_taken + came.count
FROM (SELECT made('program', o * 5 + kind) AS id, count(*) AS count FROM seeded WHERE kind IS NOT NULL GROUP BY 1) AS came
WHERE came.id = p.id;

-- Work: what the stage asks for, half of it with somebody's name on it. Told already: nobody is written to about it.
INSERT INTO worklist_workitem (id, version, organization_id, client_id, kind, role, assignee_id, priority, due_at,
  source_type, source_id, outcome, by_hand, told_at, late_told_at)
SELECT made('item', n), 1, organization_id, id,
  CASE stage WHEN 'intake' THEN 'intake_to_do' WHEN 'waitlist' THEN 'waitlist_contact' WHEN 'on_hold' THEN 'hold_review'
       ELSE 'measure_due' END,
  'case_manager', CASE WHEN dice(n, 21) %% 2 = 0 THEN manager_id END, (dice(n, 22) %% 3)::int,
  anchor + make_interval(hours => (dice(n, 23) %% 480)::int - 120), 'episode', episode_id, '', false, anchor, anchor
FROM seeded WHERE NOT ended AND dice(n, 24) %% 100 < 60;
