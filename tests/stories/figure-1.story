# Figure 1 of RFC 2909: twelve nodes, seven domains, four kinds of role.
#
# T1 and T2 are siblings at the top. C5 has two parents, C6 and C7 are siblings below P4; domains 3,
# 4, 5 and 6 have several nodes. Everybody below wants space, and gets it from above.

seed 1
times short
trace quiet

node T1a domain 1
node T2a domain 2
node P3a domain 3
node P3b domain 3
node P4a domain 4
node P4b domain 4
node C5a domain 5
node C5b domain 5
node C5c domain 5
node C6a domain 6
node C6b domain 6
node C7a domain 7

tld T1a 228.0.0.0/6
tld T2a 228.0.0.0/6
siblings T1a T2a
parent P3a T1a
parent P4a T2a
internal P3a P3b
internal P4a P4b
parent C5a P3a
parent C5b P3b
parent C5b P4a
internal C5a C5b
internal C5a C5c
internal C5b C5c
parent C6a P4a
parent C6a P4b
parent C6b P4b
parent C7a P4b
internal C6a C6b
siblings C6b C7a under P4a

demand C5a 256
demand C5b 256
demand C5c 256
demand C6a 256
demand C6b 256
demand C7a 256

within 30m C5a holds something
within 30m C6a holds something
within 30m C7a holds something
wait 10s
expect C5a inside P3a or P4a
expect C6a inside P4a
expect C7a inside P4b
expect P4a inside T2a
expect no overlap
expect no complaints
expect everybody knows
