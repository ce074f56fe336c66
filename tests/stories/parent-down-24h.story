# The parent is down for 24 hours, with the times of the RFC: less than the waiting period (12.3, 13).
#
# C1 and C2 have no session with each other: they hear of claims through T alone. Both claim the
# same in the moment in which T dies. T is back before the wait of two days is over: the collision
# is found then, and it costs nothing but another claim.

seed 6
times rfc
trace normal

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T
set C1 delay 1s
set C2 delay 2s

wait 10m
claim T 228.0.0.0/16
wait 50h
claim C1 228.0.1.0/24
claim C2 228.0.2.0/24
wait 50h
expect C1 usable 228.0.1.0/24
expect C2 usable 228.0.2.0/24

delay C1 T 10s
delay C2 T 10s
mark
claim C1 228.0.3.0/24
claim C2 228.0.3.0/24
wait 8s
expect sent NEW_CLAIM by C1 of C1 prefix 228.0.3.0/24 = 1
expect sent NEW_CLAIM by C2 of C2 prefix 228.0.3.0/24 = 1
crash T silent
wait 24h
expect C1 usable 228.0.1.0/24
expect C2 usable 228.0.2.0/24
boot T
wait 1h
expect C1 connected T
expect C2 connected T
expect T knows PREFIX_IN_USE 228.0.1.0/24 of C1
expect T knows PREFIX_IN_USE 228.0.2.0/24 of C2
expect logged lost = 1
expect logged won = 1
wait 50h
expect logged clash = 0
expect no overlap
expect C1 usable 228.0.1.0/24
expect C2 usable 228.0.2.0/24
expect logged expired = 0
expect everybody knows
