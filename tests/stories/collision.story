# Two siblings claim the same space at once: one wins, the other gives way (5.1 c, 5.1.1).
#
# The links are slow, so that both have spoken before they hear of each other. Who claimed first
# keeps it; the loser withdraws its claim (A-86) and takes another place.

seed 1
times short
trace normal

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T
siblings C1 C2 under T

wait 20s
claim T 228.0.0.0/22
wait 150s
expect T usable 228.0.0.0/22

delay C1 C2 8s
delay C1 T 5s
delay C2 T 5s
mark
say both claim the same
claim C1 228.0.1.0/24
claim C2 228.0.1.0/24
wait 140s

expect sent NEW_CLAIM by C1 of C1 prefix 228.0.1.0/24 >= 1
expect sent NEW_CLAIM by C2 of C2 prefix 228.0.1.0/24 >= 1
expect logged won = 1
expect logged lost = 1
expect C1 holds something
expect C2 holds something
expect no overlap
expect no complaints
expect everybody knows
