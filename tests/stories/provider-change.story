# A domain changes its provider: it claims from the new one and defends the old space to its end (12.5).
#
# S1 has space of P1. It joins P2 and keeps the session with P1 for defence only: its old prefix is
# not renewed, but nobody else may have it while it lives, not even after P1 lost its memory.

seed 3
times short
trace quiet

node P1 domain 1
node P2 domain 2
node S1 domain 11
node S2 domain 12
tld P1 228.0.0.0/6
tld P2 228.0.0.0/6
siblings P1 P2
parent S1 P1
parent S2 P1
set S1 lifetime 10m

wait 20s
claim P1 228.0.0.0/16
claim P2 230.0.0.0/16
wait 140s
claim S1 228.0.1.0/24
wait 140s
expect S1 usable 228.0.1.0/24

say S1 has a new provider
parent S1 P2
peer S1 P1 defend-only yes
demand S1 200
mark
within 7m S1 holds within 230.0.0.0/16
expect S1 holds 228.0.1.0/24
refused claim S2 228.0.1.0/24

crash P1
wait 10s
boot P1
wait 40s
expect S1 connected P1
expect P1 knows PREFIX_IN_USE 228.0.1.0/24 of S1
expect S1 routed 228.0.1.0/24

within 15m logged expired by S1 = 1
wait 1m
expect not S1 routed 228.0.1.0/24
expect not S1 holds 228.0.1.0/24
expect S1 holds within 230.0.0.0/16
expect no overlap
expect no complaints
