-- Consents to be treated, to be referred and to be texted; referrals between two neighbors; plans of check-ins.
INSERT INTO consent_consent (id, version, type, status, client_name, discloser, recipient_ids, recipient_classes,
  info_categories, info_description, purposes, expires_at, revocation_instructions, redisclosure_statement_included,
  refusal_consequences_included, hipaa_redisclosure_statement_included, signer_name, signer_relationship, signed_at,
  signature_method, revoked_for, client_id, organization_id, document_hash, expires_event,
  fundraising_optout_statement_included, signature_artifact_hash, template_version, through_intermediary, intermediary_name)
SELECT f.id, 1, f.type, 'active', p.given_name || ' ' || p.family_name, t.name, f.recipients, '{}', f.categories,
  'What the referral needs.', f.purposes, f.expires_at, 'In writing.', true, true, true,
  p.given_name || ' ' || p.family_name, 'self', s.opened_at, 'paper', '{}', s.id, s.organization_id, '', '', false, '', '',
  false, ''
FROM seeded AS s
JOIN clients_client AS p ON p.id = s.id
JOIN accounts_organization AS t ON t.id = s.organization_id
CROSS JOIN LATERAL (
  SELECT made('treatment', n) AS id, 'treatment' AS type, '{}'::uuid[] AS recipients, '{}'::text[] AS categories,
    '{}'::text[] AS purposes, NULL::timestamptz AS expires_at
  WHERE s.stage NOT IN ('intake', 'cancelled')
  UNION ALL
  SELECT made('naming', n), 'named_recipient', ARRAY[made('organization', (o # 1))],
    ARRAY['identity', 'contact', 'reason', 'level_of_care', 'risk_level'], ARRAY['treatment'], anchor + interval '1 year'
  WHERE s.kind IS NOT NULL AND dice(n, 30) %% 100 < 12
) AS f;

INSERT INTO referrals_referral (id, version, stage, moved_at, sent_at, acknowledged_at, answered_at, ended_at, kind, urgency,
  reason, categories, told, created_by, sent_by, packet, packet_sha256, ended_reason, ended_by, client_id, consent_id,
  episode_id, organization_id, program_id, receiver_id, contact_name, no_shows, returned_summary)
SELECT made('referral', n), 1, way.stage, moved, CASE WHEN sent THEN moved END,
  CASE WHEN way.stage IN ('acknowledged', 'accepted', 'declined') THEN moved END,
  CASE WHEN way.stage IN ('accepted', 'declined') THEN moved END, CASE way.stage WHEN 'declined' THEN moved END,
  'therapy', CASE WHEN dice(n, 31) %% 10 = 0 THEN 'urgent' ELSE 'routine' END, 'Asks for weekly therapy.',
  ARRAY['identity', 'contact', 'reason'], '{"level_of_care": "1", "risk_level": "low"}', manager_id,
  CASE WHEN sent THEN manager_id END, CASE WHEN sent THEN packet ELSE '{}' END,
  CASE WHEN sent THEN encode(sha256(convert_to(packet::text, 'UTF8')), 'hex') ELSE '' END,
  CASE way.stage WHEN 'declined' THEN 'no_capacity' ELSE '' END, CASE way.stage WHEN 'declined' THEN 'receiver' ELSE '' END,
  s.id, CASE WHEN sent THEN made('naming', n) END, s.episode_id, s.organization_id, made('program', (o # 1) * 5 + 1),
  made('organization', (o # 1)), '', 0, ''
FROM (
  SELECT seeded.*, anchor - make_interval(hours => (dice(n, 32) %% 400)::int) AS moved,
    jsonb_build_object('reason', 'Asks for weekly therapy.', 'client', id) AS packet FROM seeded
  WHERE kind IS NOT NULL AND dice(n, 30) %% 100 < 12
) AS s
CROSS JOIN LATERAL (
  SELECT (ARRAY['draft', 'draft', 'sent', 'sent', 'sent', 'acknowledged', 'acknowledged', 'accepted', 'accepted',
    'declined'])[dice(n, 33) %% 10 + 1] AS stage
) AS way
CROSS JOIN LATERAL (SELECT way.stage <> 'draft' AS sent) AS whether;

INSERT INTO referrals_referralmove (verb, rule, from_stage, to_stage, at, effective_at, actor_kind, actor_id,
  actor_organization_id, reason, given, facts, request_id, referral_id)
SELECT v.verb, v.rule, v.before, v.after, r.moved_at, r.moved_at, 'staff', s.manager_id, r.organization_id, '', '{}', '{}', '',
  r.id
FROM seeded AS s
JOIN referrals_referral AS r ON r.id = made('referral', n)
JOIN (VALUES
  (1, 'draft', '9-draft', '', 'draft'), (2, 'send', '9-sent', 'draft', 'sent'),
  (3, 'acknowledge', '9-acknowledged', 'sent', 'acknowledged'), (4, 'accept', '9-accepted', 'acknowledged', 'accepted'),
  (4, 'decline', '9-declined', 'acknowledged', 'declined')
) AS v (i, verb, rule, before, after) ON v.i = 1 OR v.i = 2 AND r.stage <> 'draft'
  OR v.i = 3 AND r.stage IN ('acknowledged', 'accepted', 'declined') OR v.i = 4 AND v.after = r.stage
ORDER BY n, i;

INSERT INTO access_grant (id, version, client_id, organization_id, user_id, reason, scope, source_id)
SELECT made('packet', n), 1, s.id, r.receiver_id, NULL, 'referral', 'packet', r.id
FROM seeded AS s JOIN referrals_referral AS r ON r.id = made('referral', n) WHERE r.stage <> 'draft';

INSERT INTO notifications_textingconsent (id, version, state, changed_at, client_id, contact_point_id)
SELECT made('texting', n), 1, 'opted_in', opened_at, id, phone_id FROM seeded WHERE texted AND stage <> 'deceased';

INSERT INTO notifications_textingconsentevent (event, state_after, at, channel, disclosure_version, disclosure_text, alias,
  message_types, frequency_cap, evidence, inferred, actor_kind, provider_message_sid, consent_id)
SELECT v.event, v.after, opened_at, v.channel, v.version, v.shown, v.alias, v.types, v.cap, '', false, 'staff', '',
  made('texting', n)
FROM seeded
CROSS JOIN (VALUES
  (1, 'opt_in', 'pending', 'paper', %(disclosure)s, %(shown)s, 'CareLine', %(types)s, %(cap)s),
  (2, 'confirm', 'opted_in', 'inbound_sms', '', '', '', '', '')
) AS v (i, event, after, channel, version, shown, alias, types, cap)
WHERE texted AND stage <> 'deceased'
ORDER BY n, i;

INSERT INTO notifications_checkinplan (id, version, times, weekdays, starts_on, status, reason, created_by, client_id,
  episode_id, organization_id, phases, source, stage, starts_after_days, starts_stage)
SELECT made('plan', n), 1, ARRAY[(ARRAY['10:00', '12:00', '15:00', '17:30']::time[])[dice(n, 34) %% 4 + 1]],
  CASE WHEN dice(n, 35) %% 3 = 0 THEN ARRAY[1, 4] ELSE ARRAY[(dice(n, 35) %% 5)::int + 1] END::smallint[],
  (anchor AT TIME ZONE timezone)::date, 'active', '', manager_id, id, episode_id, organization_id, '[]', 'hand', '', 0, ''
FROM seeded WHERE texted AND kind IS NOT NULL AND stage <> 'on_hold';
