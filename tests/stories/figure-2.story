# Figure 2 of RFC 2909: an administrative scope around P3 and C5 (4.5).
#
# The boundary runs between T1 and P3, and between C5 and P4. P3 has no parent inside, so it is the
# Zone TLD; C5 claims from P3 in the zone, and from P3 or P4 in the global scope. RFC 2365, 9: the
# last 256 addresses of a scope are reserved, so the range is given in two parts.

seed 1
times short
trace quiet

node T1a domain 1
node T2a domain 2
node P3a domain 3
node P3b domain 3
node P4a domain 4
node C5a domain 5
node C5b domain 5
node C5c domain 5

tld T1a 228.0.0.0/6
tld T2a 228.0.0.0/6
siblings T1a T2a
parent P3a T1a
parent P4a T2a
internal P3a P3b
parent C5a P3a
parent C5b P3b
parent C5b P4a
internal C5a C5b
internal C5a C5c
internal C5b C5c

scope zone 239.192.0.0/14 P3a P3b C5a C5b C5c
zone-tld P3a zone 239.192.0.0/15 sole
zone-tld P3a zone 239.194.0.0/16
zone-tld P3b zone 239.192.0.0/15 sole
zone-tld P3b zone 239.194.0.0/16
boundary zone P3a T1a
boundary zone C5b P4a

demand P3a 200 in zone
demand P3b 200 in zone
demand C5a 200 in zone
demand C5b 200 in zone
demand C5c 200 in zone
demand C5a 200
demand C5b 200
demand C5c 200

within 20m C5a holds within 239.192.0.0/14
within 20m C5a holds within 228.0.0.0/6
wait 10s
expect P3a holds within 239.192.0.0/14
expect sent UPDATE by P3a to T1a within 239.192.0.0/14 = 0
expect sent UPDATE by T1a within 239.192.0.0/14 = 0
expect sent UPDATE by C5b to P4a within 239.192.0.0/14 = 0
expect sent UPDATE by P4a within 239.192.0.0/14 = 0
expect no overlap
expect no complaints
expect everybody knows
