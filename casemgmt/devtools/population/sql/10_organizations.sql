-- Organizations, the first four by name, so that `seed_network` finds them; their programs, one of each kind.
INSERT INTO accounts_organization (id, created_at, updated_at, version, name, description, joined, timezone, phone, email,
  sms_alias, part2_status, hipaa_status, extra)
SELECT made('organization', o), casemgmt_now(), casemgmt_now(), 1,
  CASE WHEN o < 4 THEN (%(named)s::text[])[o + 1]
       ELSE pick(o, 1, places) || ' ' || pick(o, 2, houses) || ' ' || o END,
  'Made up.', true,
  (ARRAY['America/Chicago', 'America/New_York', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles'])[o %% 5 + 1],
  '+1316555' || lpad((o %% 10000)::text, 4, '0'), 'hello' || o || '@network.example', 'CareLine',
  'part2_program', 'covered_entity', jsonb_build_object('seed', %(seed)s)
FROM generate_series(0, %(organizations)s - 1) AS o
ON CONFLICT DO NOTHING;

INSERT INTO programs_program (id, version, kind, name, description, status, published, level_of_care_edition,
  level_of_care_code, narr_level, accepts_moud, certifying_affiliate, modalities, timezone, languages, eligibility, city,
  places_taken, places_over, extra, organization_id, house_rules_hash, alert, application_process, assurer_email, fees,
  interpretation, payers, phone, populations, state, waitlist_only)
SELECT made('program', o * 5 + k.place), 1, k.kind, t.name || ' ' || replace(k.kind, '_', ' '), '', 'active', true, k.edition,
  k.code, k.narr, k.kind = 'sober_living', '', k.modalities, t.timezone, ARRAY['en', 'es'], '', '',
  0, 0, '{}', t.id, '', '', '', '', '', '', '{}', '', '{}', '', false
FROM generate_series(0, %(organizations)s - 1) AS o
JOIN accounts_organization AS t ON t.id = made('organization', o)
CROSS JOIN (VALUES
  (0, 'iop', 4, '2.1', '', '{}'::text[]), (1, 'therapy', 4, '1.5', '', ARRAY['cbt', 'dbt', 'mindfulness', 'art']),
  (2, 'peer_support', NULL, '', '', '{}'), (3, 'sober_living', NULL, '', 'II', '{}'), (4, 'aftercare', NULL, '', '', '{}')
) AS k (place, kind, edition, code, narr, modalities)
ON CONFLICT DO NOTHING;

-- 47 people in each: nobody logs in with these; whoever may is made by `seed_network`.
INSERT INTO accounts_user (password, id, email, name, is_active)
SELECT '!', made('user', o * 100 + s), 's' || s || '.o' || o || '@network.example',
  pick(o * 100 + s, 3, given) || ' ' || pick(o * 100 + s, 4, families), true
FROM generate_series(0, %(organizations)s - 1) AS o, generate_series(0, 46) AS s
ON CONFLICT DO NOTHING;

INSERT INTO accounts_membership (id, version, role, user_id, organization_id)
SELECT made('membership', o * 100 + s), 1,
  CASE WHEN s < 20 THEN 'case_manager' WHEN s < 30 THEN 'therapist' WHEN s < 38 THEN 'peer_specialist'
       WHEN s < 42 THEN 'house_manager' WHEN s < 44 THEN 'supervisor' WHEN s = 44 THEN 'intake'
       WHEN s = 45 THEN 'privacy_officer' ELSE 'admin' END,
  made('user', o * 100 + s), made('organization', o)
FROM generate_series(0, %(organizations)s - 1) AS o, generate_series(0, 46) AS s
ON CONFLICT DO NOTHING;
