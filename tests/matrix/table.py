"""Who may do what: one line per method and route, one letter per actor. A new route without a line fails (S1).

y done or shown; e an empty list; o let in, then refused for a reason of its own (a missing field, a rule, a stale
version); f 403, the role may not; h 404, as if it were not there; u 401. The rows are about one client of North.

Columns, as `world.actors` names them. North and South: case manager, therapist, peer, house manager, supervisor,
intake, privacy officer, admin; South received a referral about the client. Then, case manager and supervisor of an
organization that has no grant, a live one, one that expired, one that was taken back. Last, house manager and intake of
North in one.
"""

TABLE = """
# accounts
get    invitations/                                             ffffyffy ffffeffe eeee f
post   invitations/                                             ffffyffy ffffyffy yyyy f
delete invitations/<uuid:pk>/                                   ffffyffy ffffhffh hhhh f
post   invitations/accept/                                      hhhhhhhh hhhhhhhh hhhh h
get    me/                                                      yyyyyyyy yyyyyyyy yyyy y
post   me/password/                                             oooooooo oooooooo oooo o
get    memberships/                                             yyyyyyyy yyyyyyyy yyyy y
delete memberships/<uuid:pk>/                                   ffffyffy ffffhffh hhhh f
get    organizations/                                           yyyyyyyy yyyyyyyy yyyy y
get    second-factor/                                           yyyyyyyy yyyyyyyy yyyy y
post   second-factor/                                           oooooooo oooooooo oooo o
delete second-factor/<uuid:pk>/                                 hhhhhhhh hhhhhhhh hhhh h
post   second-factor/app/                                       yyyyyyyy yyyyyyyy yyyy y
post   second-factor/app/confirm/                               hhhhhhhh hhhhhhhh hhhh h
post   second-factor/keys/                                      yyyyyyyy yyyyyyyy yyyy y
post   second-factor/keys/challenge/                            oooooooo oooooooo oooo o
post   second-factor/keys/confirm/                              oooooooo oooooooo oooo o
post   second-factor/keys/pass/                                 oooooooo oooooooo oooo o
post   second-factor/recovery-codes/                            oooooooo oooooooo oooo o
get    service-accounts/                                        ffffyffy ffffeffe eeee f
post   service-accounts/                                        ffffyffy ffffyffy yyyy f
delete service-accounts/<uuid:pk>/                              ffffyffy ffffhffh hhhh f
get    service-tokens/                                          ffffyffy ffffeffe eeee f
post   service-tokens/                                          ffffhffh ffffhffh hhhh f
delete service-tokens/<uuid:pk>/                                ffffyffy ffffhffh hhhh f
delete session/                                                 yyyyyyyy yyyyyyyy yyyy y
post   session/                                                 uuuuuuuu uuuuuuuu uuuu u
delete sign-ins/                                                yyyyyyyy yyyyyyyy yyyy y
get    sign-ins/                                                yyyyyyyy yyyyyyyy yyyy y
delete sign-ins/<uuid:pk>/                                      hhhhhhhh hhhhhhhh hhhh h
post   staff/<uuid:pk>/disable/                                 ffffyffy ffffhffh hhhh f
post   staff/<uuid:pk>/password-reset/                          ffffyffy ffffhffh hhhh f
post   staff/<uuid:pk>/second-factor-reset/                     ffffyffy ffffhffh hhhh f
post   tokens/                                                  uuuuuuuu uuuuuuuu uuuu u
# policies
get    policies/                                                yyyyyyyy yyyyyyyy yyyy y
post   policies/                                                ffffyfff ffffyfff yyyy f
get    policies/history/                                        eeeeeeee eeeeeeee eeee e
# calendars
get    business-calendar/                                       yyyyyyyy yyyyyyyy yyyy y
get    business-calendar/closures/                              eeeeeeee eeeeeeee eeee e
post   business-calendar/closures/                              ffffyffy ffffyffy yyyy f
get    business-calendar/weeks/                                 eeeeeeee eeeeeeee eeee e
post   business-calendar/weeks/                                 ffffyffy ffffyffy yyyy f
# clients
get    clients/                                                 yyyyyeye eeeeeeee eyee y
post   clients/                                                 yyffyfff yyffyfff yyyy f
get    clients/<uuid:pk>/                                       yyyyyhyh hhhhhhhh hyhh y
patch  clients/<uuid:pk>/                                       yyffyhfh hhhhhhhh hfhh f
post   clients/<uuid:pk>/contact-points/                        yyffyhfh hhhhhhhh hfhh f
delete clients/<uuid:pk>/contact-points/<uuid:point>/           yyffyhfh hhhhhhhh hfhh f
delete clients/<uuid:pk>/death/                                 ffffyhfh hhhhhhhh hfhh f
post   clients/<uuid:pk>/death/                                 foffohfh hhhhhhhh hfhh f
# access
get    break-glass/                                             eyeeeeye eeeeeeee eeee e
post   break-glass/                                             hhffhfff hhffhfff hhhh f
get    break-glass/<uuid:pk>/                                   hyhhhhyh hhhhhhhh hhhh h
post   break-glass/<uuid:pk>/end/                               hyhhhhhh hhhhhhhh hhhh h
post   break-glass/<uuid:pk>/review/                            hfhhhhyh hhhhhhhh hhhh h
get    clients/<uuid:pk>/access-log/                            ffffyhyh hhhhhhhh hehh f
post   clients/<uuid:pk>/restriction/                           ffffofof ffffhfhf hohh f
get    restrictions/                                            eeeeyeye eeeeeeee eeee e
post   restrictions/<uuid:pk>/lift/                             hhhhyhyh hhhhhhhh hhhh h
# care_team
get    care-team-members/<uuid:pk>/                             yyyyyhyh hhhhhhhh hhhh y
patch  care-team-members/<uuid:pk>/                             yyffyhfh hhhhhhhh hhhh f
post   care-team-members/<uuid:pk>/end/                         yyffyhfh hhhhhhhh hhhh f
get    caseload/                                                yyeeeeee eeeeeeee eeee e
get    clients/<uuid:pk>/care-team/                             yyyyyhyh hhhhhhhh hehh y
post   clients/<uuid:pk>/care-team/                             yyffyhfh hhhhhhhh hohh f
# consent
get    consents/                                                yyeeyeye eeeeeeee eeee e
post   consents/                                                ooffohoh hhhhhhhh hohh f
get    consents/<uuid:pk>/                                      yyhhyhyh hhhhhhhh hhhh h
patch  consents/<uuid:pk>/                                      oohhohoh hhhhhhhh hhhh h
post   consents/<uuid:pk>/activations/                          oohhohoh hhhhhhhh hhhh h
post   consents/<uuid:pk>/revocations/                          yyhhyhyh hhhhhhhh hhhh h
get    disclosures/                                             ffffffyf ffffffef ffff f
get    notices/                                                 yyyyyeye eeeeeeee eeee y
post   notices/                                                 yyffyhyh hhhhhhhh hyhh f
# worklist
get    work-items/                                              yyyyyeye eeeeeeee eeee y
get    work-items/<uuid:pk>/                                    yyyyyhyh hhhhhhhh hhhh y
post   work-items/<uuid:pk>/assign/                             yyffyhfh hhhhhhhh hhhh f
post   work-items/<uuid:pk>/done/                               yyffyhfh hhhhhhhh hhhh f
post   work-items/<uuid:pk>/reopen/                             ooooohoh hhhhhhhh hhhh o
get    work-items/mine/                                         yyeeyeye eeeeeeee eeee e
get    work-items/my-teams/                                     eyeeeeee eeeeeeee eeee e
# measures
get    measures/instruments/                                    yyyyyyyy yyyyyyyy yyyy y
post   measures/licenses/                                       ffffofff ffffofff oooo f
get    measures/outcomes/                                       yyyfyhyh hhhhhhhh hyhh f
get    measures/responses/                                      yyyeyeye eeeeeeee eyee e
post   measures/responses/                                      yyyfyhfh hhhhhhhh hyhh f
get    measures/responses/<uuid:pk>/                            yyyhyhyh hhhhhhhh hyhh h
post   measures/responses/<uuid:pk>/amendments/                 oofhohfh hhhhhhhh hfhh h
post   measures/texts/                                          ffffofff ffffofff oooo f
get    measures/trend/                                          yyyfyhyh hhhhhhhh hyhh f
# safety
get    alerts/                                                  yyyeyeye eeeeeeee eeee e
post   alerts/                                                  oooooooo oooooooo oooo o
get    alerts/<uuid:pk>/                                        yyyhyhyh hhhhhhhh hhhh h
post   alerts/<uuid:pk>/notes/                                  yyyhyhfh hhhhhhhh hhhh h
get    alerts/<uuid:pk>/transitions/                            yyyhyhyh hhhhhhhh hhhh h
post   alerts/<uuid:pk>/transitions/                            yyohyhfh hhhhhhhh hhhh h
get    on-call/                                                 yyyyyyyy yyyyyyyy yyyy y
get    on-call-shifts/                                          yyyyyyyy eeeeeeee eeee y
post   on-call-shifts/                                          ffffofff ffffofff oooo f
post   on-call-shifts/<uuid:pk>/cancel/                         ffffyfff hhhhhhhh hhhh f
# episodes
get    co-signatures/                                           yyyyyeye eeeeeeee eeee y
get    co-signatures/<uuid:pk>/                                 yyyyyhyh hhhhhhhh hhhh y
post   co-signatures/<uuid:pk>/refusals/                        fyffyhfh hhhhhhhh hhhh f
post   co-signatures/<uuid:pk>/signatures/                      fyffyhfh hhhhhhhh hhhh f
get    episodes/                                                yyyyyeye eeeeeeee eyee y
post   episodes/                                                ooffohfh hhhhhhhh hyhh f
get    episodes/<uuid:pk>/                                      yyyyyhyh hhhhhhhh hyhh y
post   episodes/<uuid:pk>/corrections/                          ffffohfh hhhhhhhh hfhh f
get    episodes/<uuid:pk>/moves/                                yyyyyhyh hhhhhhhh hyhh y
get    episodes/<uuid:pk>/proposals/                            yyyyyhyh hhhhhhhh hyhh y
post   episodes/<uuid:pk>/proposals/                            ooooohfh hhhhhhhh hfhh o
get    episodes/<uuid:pk>/reentry-card/                         ooooohoh hhhhhhhh hohh o
get    episodes/<uuid:pk>/stage/                                yyyyyhyh hhhhhhhh hyhh y
get    episodes/<uuid:pk>/transitions/                          yyyyyhyh hhhhhhhh hyhh y
post   episodes/<uuid:pk>/transitions/                          ooooohoh hhhhhhhh hfhh o
post   proposals/<uuid:pk>/confirmations/                       ooyyohfh hhhhhhhh hfhh y
post   proposals/<uuid:pk>/dismissals/                          yyyfyfff hhhhhfff hfhh f
# chart
get    checkups/                                                eeeeeeee eeeeeeee eeee e
get    checkups/<uuid:pk>/                                      yyyhyhyh hhhhhhhh hhhh h
post   checkups/<uuid:pk>/outcome/                              ooohohfh hhhhhhhh hhhh h
get    contact-attempts/                                        yyyeyeye eeeeeeee eeee e
post   contact-attempts/                                        yyyyyhfh hhhhhhhh hfhh y
get    contact-attempts/<uuid:pk>/                              yyyhyhyh hhhhhhhh hhhh h
post   contact-attempts/<uuid:pk>/amendments/                   yyfhyhfh hhhhhhhh hhhh h
post   contact-attempts/<uuid:pk>/withdrawal/                   yyfhyhfh hhhhhhhh hhhh h
get    continuing-care-plans/                                   yyyeyeye eeeeeeee eeee e
post   continuing-care-plans/                                   ooffohfh hhhhhhhh hfhh f
get    continuing-care-plans/<uuid:pk>/                         yyyhyhyh hhhhhhhh hhhh h
post   continuing-care-plans/<uuid:pk>/amendments/              yyfhyhfh hhhhhhhh hhhh h
post   continuing-care-plans/<uuid:pk>/given/                   yyfhyhfh hhhhhhhh hhhh h
post   continuing-care-plans/<uuid:pk>/withdrawal/              yyfhyhfh hhhhhhhh hhhh h
get    iop-reviews/                                             yyeeyeye eeeeeeee eeee e
post   iop-reviews/                                             fyffyhfh hhhhhhhh hfhh f
get    iop-reviews/<uuid:pk>/                                   yyhhyhyh hhhhhhhh hhhh h
post   iop-reviews/<uuid:pk>/amendments/                        fyhhyhfh hhhhhhhh hhhh h
get    levels-of-care/                                          yyeeyeye eeeeeeee eeee e
post   levels-of-care/                                          fyffyhfh hhhhhhhh hfhh f
get    levels-of-care/<uuid:pk>/                                yyhhyhyh hhhhhhhh hhhh h
post   levels-of-care/<uuid:pk>/amendments/                     fyhhyhfh hhhhhhhh hhhh h
post   levels-of-care/<uuid:pk>/withdrawal/                     fyhhyhfh hhhhhhhh hhhh h
post   return-to-use-reviews/<uuid:pk>/amendments/              fyhhyhfh hhhhhhhh hhhh h
get    returns-to-use/                                          yyyeyeye eeeeeeee eeee e
post   returns-to-use/                                          yyyyyhfh hhhhhhhh hfhh y
get    returns-to-use/<uuid:pk>/                                yyyhyhyh hhhhhhhh hhhh h
post   returns-to-use/<uuid:pk>/amendments/                     yyyhyhfh hhhhhhhh hhhh h
get    returns-to-use/<uuid:pk>/reviews/                        yyehyhyh hhhhhhhh hhhh h
post   returns-to-use/<uuid:pk>/reviews/                        fofhohfh hhhhhhhh hhhh h
post   returns-to-use/<uuid:pk>/withdrawal/                     yyyhyhfh hhhhhhhh hhhh h
# guidance
get    episodes/<uuid:pk>/guidance/                             yyyfyhyh hhhhhhhh hhhh f
get    episodes/<uuid:pk>/guidance/decisions/                   eeffeheh hhhhhhhh hhhh f
post   episodes/<uuid:pk>/guidance/decisions/                   ooffohfh hhhhhhhh hhhh f
get    episodes/<uuid:pk>/guidance/facts/                       yyyfyhyh hhhhhhhh hhhh f
post   episodes/<uuid:pk>/guidance/facts/                       yyyfyhfh hhhhhhhh hhhh f
get    episodes/<uuid:pk>/guidance/plain/                       yyyfyhyh hhhhhhhh hhhh f
get    episodes/<uuid:pk>/guidance/statements/                  yyyfyhyh hhhhhhhh hhhh f
get    guidance/rules/                                          yyyyyyyy yyyyyyyy yyyy y
post   guidance/statements/<uuid:pk>/corrections/               yyyhyhfh hhhhhhhh hhhh h
post   guidance/statements/<uuid:pk>/withdrawals/               yyyhyhfh hhhhhhhh hhhh h
# programs
get    combinations/                                            yyyyyyyy yyyyyyyy yyyy y
post   combinations/                                            ffffyfff ffffyfff yyyy f
post   combinations/aside/                                      ffffofff ffffofff oooo f
get    combinations/history/                                    eeeeeeee eeeeeeee eeee e
get    directory/hsds/                                          yyyyyyyy yyyyyyyy yyyy y
get    enrollments/                                             yyyyyeye eeeeeeee eyee y
post   enrollments/                                             ooffohfh hhhhhhhh hfhh f
get    enrollments/<uuid:pk>/                                   yyyyyhyh hhhhhhhh hyhh y
patch  enrollments/<uuid:pk>/                                   ooffohfh hhhhhhhh hfhh f
get    enrollments/<uuid:pk>/house-agreements/                  yyyyyhyh hhhhhhhh hyhh y
post   enrollments/<uuid:pk>/house-agreements/                  yyfyyhfh hhhhhhhh hfhh y
get    enrollments/<uuid:pk>/moves/                             yyyyyhyh hhhhhhhh hyhh y
get    enrollments/<uuid:pk>/transitions/                       yyyyyhyh hhhhhhhh hyhh y
post   enrollments/<uuid:pk>/transitions/                       ooooohoh hhhhhhhh hfhh o
get    programs/                                                yyyyyyyy yyyyyyyy yyyy y
post   programs/                                                ffffyffy ffffyffy yyyy f
get    programs/<uuid:pk>/                                      yyyyyyyy yyyyyyyy yyyy y
patch  programs/<uuid:pk>/                                      ffffyffy ffffffff ffff f
get    programs/<uuid:pk>/capacity/                             yyyyyyyy eeeeeeee eeee y
post   programs/<uuid:pk>/capacity/                             ffffyffy ffffffff ffff f
get    programs/<uuid:pk>/hsds/                                 yyyyyyyy yyyyyyyy yyyy y
post   programs/search/                                         yyyyyyyy yyyyyyyy yyyy y
get    sites/                                                   yyyyyyyy yyyyyyyy yyyy y
post   sites/                                                   ffffyffy ffffyffy yyyy f
delete sites/<uuid:pk>/                                         ffffoffo ffffffff ffff f
get    sites/<uuid:pk>/                                         yyyyyyyy yyyyyyyy yyyy y
patch  sites/<uuid:pk>/                                         ffffyffy ffffffff ffff f
# sessions
get    sessions/                                                yyyeyeye eeeeeeee eeee e
post   sessions/                                                yyyyyfff hhhhhfff oooo y
get    sessions/<uuid:pk>/                                      yyyhyhyh hhhhhhhh hyhh h
patch  sessions/<uuid:pk>/                                      yyyhyhfh hhhhhhhh hfhh h
get    sessions/<uuid:pk>/transitions/                          yyyhyhyh hhhhhhhh hyhh h
post   sessions/<uuid:pk>/transitions/                          yyyhyhfh hhhhhhhh hfhh h
get    sessions/<uuid:pk>/attendances/                          yyyhyhyh hhhhhhhh hyhh h
post   sessions/<uuid:pk>/attendances/                          ooohohfh hhhhhhhh hfhh h
get    attendances/                                             yyyeyeye eeeeeeee eyee e
get    attendances/<uuid:pk>/                                   yyyhyhyh hhhhhhhh hyhh h
patch  attendances/<uuid:pk>/                                   yyyhyhfh hhhhhhhh hfhh h
get    attendances/<uuid:pk>/moves/                             eeeheheh hhhhhhhh hehh h
get    series/                                                  yyyeyeye eeeeeeee eeee e
post   series/                                                  yyyyyfff yyyyyfff oooo y
get    series/<uuid:pk>/                                        yyyhyhyh hhhhhhhh hhhh h
patch  series/<uuid:pk>/                                        yyyhyhfh hhhhhhhh hhhh h
post   series/<uuid:pk>/continuations/                          yyyhyhfh hhhhhhhh hhhh h
post   series/<uuid:pk>/end/                                    yyyhyhfh hhhhhhhh hhhh h
get    series/<uuid:pk>/members/                                yyyhyhyh hhhhhhhh hhhh h
post   series/<uuid:pk>/members/                                ooohohfh hhhhhhhh hhhh h
post   series/<uuid:pk>/departures/                             yyyhyhfh hhhhhhhh hhhh h
# sessions: the dose
get    clients/<uuid:pk>/dose/                                  yyffyhyh hhhhhhhh hyhh f
get    enrollments/<uuid:pk>/dose/                              yyffyhyh hhhhhhhh hyhh f
# places
get    bed-uses/                                                yyyyyeye eeeeeeee eyee y
post   bed-uses/<uuid:pk>/end/                                  yffyyhfh hhhhhhhh hfhh y
post   bed-uses/<uuid:pk>/move/                                 offoohfh hhhhhhhh hfhh o
get    beds/<uuid:pk>/                                          yyyyyhyh hhhhhhhh hhhh y
patch  beds/<uuid:pk>/                                          yffyyhfh hhhhhhhh hhhh y
post   beds/<uuid:pk>/holds/                                    offoohfh hhhhhhhh hhhh o
post   beds/<uuid:pk>/stays/                                    offoohfh hhhhhhhh hhhh o
get    offers/                                                  yyeeyeye eeeeeeee eyee e
get    offers/<uuid:pk>/                                        yyhhyhyh hhhhhhhh hyhh h
post   offers/<uuid:pk>/acceptance/                             yyhhyhfh hhhhhhhh hfhh h
post   offers/<uuid:pk>/decline/                                yyhhyhfh hhhhhhhh hfhh h
get    offers/<uuid:pk>/skips/                                  eehheheh hhhhhhhh hehh h
post   offers/<uuid:pk>/withdrawal/                             yyhhyhfh hhhhhhhh hfhh h
post   programs/<uuid:pk>/offers/                               ooffofff ffffffff ffff f
get    programs/<uuid:pk>/places/                               yyyyyyyy yyyyyyyy yyyy y
get    programs/<uuid:pk>/waitlist/                             eeffefef eeffefef eeee f
post   programs/<uuid:pk>/waitlist/                             ooffohfh hhhhhhhh hfhh f
get    residences/<uuid:pk>/beds/                               yyyyyeye hhhhhhhh hhhh y
post   residences/<uuid:pk>/beds/                               yffyyfff hhhhhhhh hhhh y
get    waitlist-entries/                                        yyeeyeye eeeeeeee eyee e
get    waitlist-entries/<uuid:pk>/                              yyhhyhyh hhhhhhhh hyhh h
patch  waitlist-entries/<uuid:pk>/                              oohhohfh hhhhhhhh hfhh h
post   waitlist-entries/<uuid:pk>/confirmations/                oohhohfh hhhhhhhh hfhh h
get    waitlist-entries/<uuid:pk>/moves/                        yyhhyhyh hhhhhhhh hyhh h
post   waitlist-entries/<uuid:pk>/removal/                      oohhohfh hhhhhhhh hfhh h
get    waitlist-entries/<uuid:pk>/skips/                        eehheheh hhhhhhhh hehh h
get    waitlist-rules/                                          eeeeeeee eeeeeeee eeee e
post   waitlist-rules/                                          ffffyfff ffffyfff yyyy f
# session log and credentials
get    credential-overrides/                                    eeeeeeee eeeeeeee eeee e
post   credential-overrides/                                    ffffyfff ffffofff oooo f
get    credentials/                                             eeyeyeey eeeeeeee eeee e
post   credentials/                                             ffffyffy ffffoffo oooo f
get    credentials/<uuid:pk>/                                   hhyhyhhy hhhhhhhh hhhh h
post   session-log/                                             oooyyhfh hhhhhhhh hohh y
# notes of peers and clinicians
get    notes/clinical/                                          yyeeyeye eeeeeeee eyee e
post   notes/clinical/                                          fohhfhfh hhhhhhhh hfhh h
get    notes/clinical/<uuid:pk>/                                yyhhyhyh hhhhhhhh hyhh h
patch  notes/clinical/<uuid:pk>/                                fohhfhfh hhhhhhhh hfhh h
post   notes/clinical/<uuid:pk>/amendments/                     fyhhyhfh hhhhhhhh hfhh h
post   notes/clinical/<uuid:pk>/co-signatures/                  ffhhohfh hhhhhhhh hfhh h
post   notes/clinical/<uuid:pk>/signatures/                     fohhfhfh hhhhhhhh hfhh h
get    notes/peer/                                              yyyeyeye eeeeeeee eyee e
post   notes/peer/                                              ffohfhfh hhhhhhhh hfhh h
get    notes/peer/<uuid:pk>/                                    yyyhyhyh hhhhhhhh hyhh h
patch  notes/peer/<uuid:pk>/                                    ffohfhfh hhhhhhhh hfhh h
post   notes/peer/<uuid:pk>/amendments/                         ffyhyhfh hhhhhhhh hfhh h
post   notes/peer/<uuid:pk>/co-signatures/                      fffhohfh hhhhhhhh hfhh h
post   notes/peer/<uuid:pk>/signatures/                         ffohfhfh hhhhhhhh hfhh h
# notes of contacts and counseling
get    notes/contact/                                           yyeeyeye eeeeeeee eyee e
post   notes/contact/                                           ofhhfhfh hhhhhhhh hfhh h
get    notes/contact/<uuid:pk>/                                 yyhhyhyh hhhhhhhh hyhh h
patch  notes/contact/<uuid:pk>/                                 ofhhfhfh hhhhhhhh hfhh h
post   notes/contact/<uuid:pk>/amendments/                      yfhhyhfh hhhhhhhh hfhh h
post   notes/contact/<uuid:pk>/co-signatures/                   ffhhohfh hhhhhhhh hfhh h
post   notes/contact/<uuid:pk>/signatures/                      ofhhfhfh hhhhhhhh hfhh h
get    notes/counseling/                                        eyeeeeee eeeeeeee eeee e
post   notes/counseling/                                        oohhfhfh hhhhhhhh hfhh h
get    notes/counseling/<uuid:pk>/                              hyhhhhhh hhhhhhhh hhhh h
patch  notes/counseling/<uuid:pk>/                              hohhhhhh hhhhhhhh hhhh h
post   notes/counseling/<uuid:pk>/amendments/                   hyhhhhhh hhhhhhhh hhhh h
get    notes/counseling/<uuid:pk>/readings/                     hehhhhhh hhhhhhhh hhhh h
post   notes/counseling/<uuid:pk>/signatures/                   hohhhhhh hhhhhhhh hhhh h
post   notes/counseling/readings/                               ofooyfff ofoohfff hhhh o
# referrals
get    referrals/                                               yyyyyeye eeeeeeee eeee y
post   referrals/                                               ooooohfh hhhhhhhh hfhh o
get    referrals/<uuid:pk>/                                     yyyyyhyh yyhhyyhh hhhh y
patch  referrals/<uuid:pk>/                                     ooooohfh ffhhffhh hhhh o
get    referrals/<uuid:pk>/transitions/                         yyyyyhyh yyhhyyhh hhhh y
post   referrals/<uuid:pk>/transitions/                         ooooohoh oohhoohh hhhh o
get    referrals/<uuid:pk>/moves/                               yyyyyhyh yyhhyyhh hhhh y
post   referrals/<uuid:pk>/confirmations/                       ooffohfh oohhoohh hhhh f
get    referrals/<uuid:pk>/suggestions/                         eeeeehfh ffhhffhh hhhh e
get    decline-rules/                                           yyyyyyyy yyyyyyyy yyyy y
post   decline-rules/                                           ffffyfff ffffyfff yyyy f
get    decline-rules/history/                                   eeeeeeee eeeeeeee eeee e
# notifications
get    check-in-plans/                                          yyyyyeye eeeeeeee eyee y
post   check-in-plans/                                          ooffohfh hhhhhhhh hfhh f
get    check-in-plans/<uuid:pk>/                                yyyyyhyh hhhhhhhh hyhh y
patch  check-in-plans/<uuid:pk>/                                yyffyhfh hhhhhhhh hfhh f
get    check-ins/                                               yyyyyeye eeeeeeee eyee y
get    inbound-texts/                                           yyyyyeye eeeeeeee eyee y
get    inbound-texts/<uuid:pk>/                                 yyyyyhyh hhhhhhhh hyhh y
get    messages/                                                yyyyyeye eeeeeeee eyee y
get    texting-consents/                                        yyyyyeye eeeeeeee eyee y
post   texting-consents/                                        yyyyyhfh hhhhhhhh hyhh y
get    texting-consents/<uuid:pk>/events/                       yyyyyhyh hhhhhhhh hyhh y
post   texting-consents/<uuid:pk>/review/                       ooffohfh hhhhhhhh hohh f
"""

# Open to who holds no key at all: signing in, and following a link.
PUBLIC = {("post", "session/"), ("delete", "session/"), ("post", "tokens/"), ("post", "invitations/accept/")}


def rooms() -> dict[str, list[tuple[str, str, str]]]:
    """Return (method, route, letters) of every line, by room."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    room = ""
    for line in TABLE.strip().splitlines():
        if line.startswith("#"):
            room = line.removeprefix("#").strip()
            found[room] = []
        else:
            method, route, *letters = line.split()
            found[room].append((method, route, "".join(letters)))
    return found
