# A zone below a parent that is outside of it (4.5, A-92): nothing of the zone crosses its boundary.
# For planted faults: nothing is expected in words, the invariants judge (tests/mutants).

seed 2
times short
trace quiet

node T domain 1
node P domain 3
node Q domain 4
node C domain 5
tld T 228.0.0.0/6 sole
parent P T
parent Q T
siblings P Q under 1
parent C P
scope zone 239.192.0.0/14 P C
zone-tld P zone 239.192.0.0/15 sole
boundary zone P T
boundary zone P Q
demand P 200 in zone
demand C 200 in zone

wait 20m
expect no violations
