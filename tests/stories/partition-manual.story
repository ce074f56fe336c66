# The clash of partition-automatic.story, but operators want to decide by themselves (12.4).
#
# Nobody withdraws by itself: what is disputed is no longer for hosts of T4, but still routed, until
# the operator of T4 gives it up.

seed 3
times short
trace normal

node T1 domain 1
node T2 domain 2
node T3 domain 3
node T4 domain 4
tld T1 228.0.0.0/6
tld T2 228.0.0.0/6
tld T3 228.0.0.0/6
tld T4 228.0.0.0/6
siblings T1 T2
siblings T2 T3
siblings T3 T4
set T1 clash manual
set T4 clash manual

at 30s cut T2 T3
at 31s claim T1 228.1.0.0/16
at 41s claim T4 228.1.0.0/16
wait 3m
expect T1 usable 228.1.0.0/16
expect T4 usable 228.1.0.0/16

mark
excuse clashes
heal T2 T3
wait 20s
expect logged clash by T1 = 1
expect logged clash by T4 = 1
expect sent WITHDRAW of T1 = 0
expect sent WITHDRAW of T4 = 0
expect T1 usable 228.1.0.0/16
expect not T4 usable 228.1.0.0/16
expect T4 routed 228.1.0.0/16

say the operator of T4 gives way
resolve T4 228.1.0.0/16 withdraw
wait 2s
expect sent WITHDRAW by T4 of T4 >= 1
expect not T4 routed 228.1.0.0/16
expect T1 usable 228.1.0.0/16
expect T1 routed 228.1.0.0/16
expect sent WITHDRAW of T1 = 0
