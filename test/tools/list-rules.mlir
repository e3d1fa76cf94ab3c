// The algebra of the search, from its one table.
// RUN: glenside-opt --glenside-list-rules | FileCheck %s
// CHECK: block-array {{ *}}blocking {{ *}}reassociates {{.*}}block{grid, tile, order, staging}

// RUN: glenside-opt --glenside-list-rules=blocking | FileCheck %s --check-prefix=TOPIC
// TOPIC: block-array
// TOPIC-NOT: fusion

// RUN: not glenside-opt --glenside-list-rules=block-aray 2>&1 | FileCheck %s --check-prefix=NEAR
// NEAR: no rule or topic is called 'block-aray', did you mean 'block-array'
