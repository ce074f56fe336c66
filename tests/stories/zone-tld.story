# A zone of its own: who has no parent inside it claims as if it were top-level (4.5, A-92).
#
# P is the Zone TLD of 239.192.0.0/14; its parent T is outside. C, inside, claims from P, which
# has to want enough by itself: a hint has no scope. 
# Nothing of the zone crosses its boundary, in either direction.

seed 2
times short
trace normal

node T domain 1
node P domain 3
node C domain 5
tld T 228.0.0.0/6 sole
parent P T
parent C P
scope zone 239.192.0.0/14 P C
zone-tld P zone 239.192.0.0/15 sole
boundary zone P T
demand P 200 in zone
demand C 200 in zone

within 15m C holds something
wait 2s
expect P holds within 239.192.0.0/14
expect C holds within 239.192.0.0/14
expect C inside P
expect T holds nothing
expect sent UPDATE by P to T within 239.192.0.0/14 = 0
expect sent UPDATE by T = 0
expect no complaints
