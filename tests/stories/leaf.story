# From leaf to non-leaf: a domain whose hosts have all its space gets a child (12.2).
#
# Alone, the hosts of T may use the whole of what T holds. When the child speaks, T claims what its
# hosts use as a child of itself (A-65). The hosts keep all they need; the first claim of the child
# met them, it says how much it wants (a hint), T grows, and the child has a place beside the hosts.

seed 3
times short
trace quiet

node T domain 1
node C1 domain 11
tld T 228.0.0.0/6 sole
parent C1 T
demand T 1024

within 5m T holds something
expect T holds only 228.0.0.0/22
expect T usable 228.0.0.0/22
expect logged non-leaf by T = 0
expect sent PREFIX_MANAGED by T to C1 >= 1

say the child wants space, too
demand C1 200
within 30m C1 holds something
wait 3m
expect logged non-leaf by T = 1
expect C1 inside T
expect T usable 228.0.0.0/22
expect no overlap
expect no complaints
expect everybody knows
