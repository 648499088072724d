"""Carry the session logs of before over: each becomes a held session, somebody who came, and a signed note (PEER-05).

All three keep the log's id, so that alerts and audit rows that name it still lead to it. A log of before had no
co-signature and names no enrollment. Safe to run again.
"""

from django.db import migrations

SESSIONS = """
INSERT INTO sessions_session (id, created_at, updated_at, version, stage, closed_at, organization_id, staff_id,
  discipline, format, mode, place_type, title, starts_at, ends_at, timezone, detached, cancelled_by, late_reason,
  group_size)
SELECT l.id, l.recorded_at, l.recorded_at, 1, 'held', l.recorded_at, l.organization_id, l.staff_id, l.kind,
  CASE l.mode WHEN 'group' THEN 'group' ELSE 'individual' END,
  CASE l.mode WHEN 'group' THEN 'in_person' ELSE l.mode END,
  '', '', l.started_at, l.ended_at, o.timezone, false, '', l.late_reason, 0
FROM programs_sessionlog AS l JOIN accounts_organization AS o ON o.id = l.organization_id
WHERE NOT EXISTS (SELECT FROM sessions_session AS there WHERE there.id = l.id)
ORDER BY l.id;
"""

MOVE = """
INSERT INTO sessions_sessionmove (session_id, verb, rule, from_stage, to_stage, at, effective_at, actor_kind, actor_id,
  reason, given, facts, request_id)
SELECT l.id, '{verb}', 'PEER-05', '{source}', '{target}', l.recorded_at, l.ended_at, 'staff', l.staff_id,
  l.late_reason, '{{}}', '{{}}', ''
FROM programs_sessionlog AS l
WHERE NOT EXISTS (SELECT FROM sessions_sessionmove AS there WHERE there.session_id = l.id AND there.verb = '{verb}')
ORDER BY l.id;
"""

ATTENDANCES = """
INSERT INTO sessions_attendance (id, created_at, updated_at, version, session_id, client_id, episode_id, state, minutes,
  cancelled_by, starts_at)
SELECT l.id, l.recorded_at, l.recorded_at, 1, l.id, l.client_id, l.episode_id, 'attended', l.minutes, '', l.started_at
FROM programs_sessionlog AS l
WHERE NOT EXISTS (SELECT FROM sessions_attendance AS there WHERE there.id = l.id)
ORDER BY l.id;

INSERT INTO sessions_attendancemove (attendance_id, from_state, to_state, minutes, cancelled_by, reason, actor_kind,
  actor_id, at, request_id)
SELECT l.id, '', 'attended', l.minutes, '', '', 'staff', l.staff_id, l.recorded_at, ''
FROM programs_sessionlog AS l
WHERE NOT EXISTS (SELECT FROM sessions_attendancemove AS there WHERE there.attendance_id = l.id)
ORDER BY l.id;
"""

NOTES = """
INSERT INTO {table} (id, created_at, updated_at, version, line_id, session_id, happened_at, client_id, episode_id,
  organization_id, author_id, signed_at, late_reason, cosign_needed, reason, summary, distress, handoff_to_id,
  handoff_method, handoff_at, {columns})
SELECT l.id, l.recorded_at, l.recorded_at, 1, l.id, l.id, l.started_at, l.client_id, l.episode_id, l.organization_id,
  l.staff_id, l.recorded_at, l.late_reason, false, '', l.summary, l.distress, l.handoff_to_id, l.handoff_method,
  l.handoff_at, {values}
FROM programs_sessionlog AS l
WHERE l.kind IN {kinds} AND NOT EXISTS (SELECT FROM {table} AS there WHERE there.id = l.id)
ORDER BY l.id;
"""

CARRY = "".join(
    (
        SESSIONS,
        MOVE.format(verb="schedule", source="", target="scheduled"),
        MOVE.format(verb="hold", source="scheduled", target="held"),
        ATTENDANCES,
        NOTES.format(
            table="sessions_peernote",
            columns="competencies, goals, next_step",
            values="'{}', '{}', ''",
            kinds="('peer')",
        ),
        NOTES.format(
            table="sessions_clinicalnote",
            columns="presentation, intervention, response, plan, modalities",
            values="'', '', '', '', '{}'",
            kinds="('clinical')",
        ),
        NOTES.format(
            table="sessions_contactnote",
            columns="discipline, next_step",
            values="l.kind, ''",
            kinds="('contact', 'house')",
        ),
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("sessions", "0006_notes_promises"),
        ("programs", "0004_lead_and_enrollments_agree"),
        ("access", "0002_second_wall"),
    ]
    operations = [migrations.RunSQL(CARRY, migrations.RunSQL.noop)]
