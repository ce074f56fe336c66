# A child tells its parent what it will want before the parent has anything to give (11.5).
#
# A hint is a claim with address 0. It goes from a child to its parent and no further: not to the
# sibling, and not up. The parent then claims enough for both, and the children claim from that.

seed 5
times short
trace normal

node T domain 1
node C1 domain 11
node C2 domain 12
tld T 228.0.0.0/6 sole
parent C1 T
parent C2 T
siblings C1 C2 under T
demand C1 200
demand C2 300

within 5m T holds something
expect hints by C1 to T >= 1
expect hints by C2 to T >= 1
expect hints to C1 = 0
expect hints to C2 = 0
expect hints by T = 0
expect logged hint by T >= 2

within 6m C1 holds something
within 6m C2 holds something
wait 2s
expect C1 inside T
expect C2 inside T
expect no overlap
expect no complaints
