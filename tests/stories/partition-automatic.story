# A partition that is longer than the waiting period ends in a clash, resolved at once (12.4).
#
# T1 - T2 | T3 - T4: both ends claim the same while the middle is cut, and wait to the end without
# hearing of each other. When the link is back, T4 has claimed last: it withdraws the range for as
# long as T1 has it. T1 loses nothing.

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

at 30s cut T2 T3
at 31s claim T1 228.1.0.0/16
at 41s claim T4 228.1.0.0/16
wait 3m
expect T1 usable 228.1.0.0/16
expect T4 usable 228.1.0.0/16

mark
heal T2 T3
wait 20s
expect logged clash by T1 = 1
expect logged clash by T4 = 1
expect sent WITHDRAW of T1 = 0
expect logged withdrawn by T4 = 1
expect logged withdrawn by T1 = 0
expect T1 knows WITHDRAW 228.1.0.0/16 of T4
expect T1 usable 228.1.0.0/16
expect T1 routed 228.1.0.0/16
expect not T4 usable 228.1.0.0/16
expect not T4 routed 228.1.0.0/16
