# A prefix is claimed again and again before it ends (5.2), with the times of the RFC.
#
# The parent hears a hint first, claims for two days, and can then give: four days until the child
# has its space. From then on both renew once per waiting period, and nothing ever ends.

seed 1
times rfc
trace quiet

node T domain 1
node C1 domain 11
tld T 228.0.0.0/6 sole
parent C1 T
demand C1 200

within 5d C1 holds something
expect C1 inside T
mark
wait 9d

expect C1 holds 1 prefixes
expect logged renewed by C1 >= 4
expect sent CLAIM_TO_EXPAND by C1 to T >= 4
expect logged expired = 0
expect logged lost = 0
expect no complaints
expect everybody knows
