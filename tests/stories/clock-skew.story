# A clock is 23 hours behind, and later right again (12.3).
#
# Timestamps are absolute, and all is kept a day longer than it lives, so that with 23 hours nobody
# minds (A-89). The claim of C2, made a minute later, looks a day older: it wins (5.1.1).

seed 1
times rfc
trace quiet

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T
siblings C1 C2 under T
clock C2 -23h
set C1 delay 1s
set C2 delay 1s
delay C1 C2 2m
delay C1 T 2m

wait 1m
claim T 228.0.0.0/16
wait 50h
expect T usable 228.0.0.0/16
mark
say C2 claims what C1 has just claimed, and cannot know it yet
claim C1 228.0.1.0/24
wait 1m
claim C2 228.0.1.0/24
wait 55h
expect logged lost by C1 = 1
expect C2 usable 228.0.1.0/24
expect C1 holds something
expect no overlap

say the clock of C2 is set right
clock C2 +23h
wait 3d
expect C2 usable 228.0.1.0/24
expect logged clash = 0
expect logged expired = 0
expect no overlap
expect no complaints
