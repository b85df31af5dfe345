writ-bundle 1
language "1"
engine "0.1"
revision 7
key "erik" "erik+c74f20a3+AbCd" actor "Identity/erik" roles "lead" "compliance"
key "maja" "maja+12345678+AbCd" actor "Identity/maja" roles
key "bot" "bot+12345678+AbCd" actor "Identity/bot" agent roles
delegate "eu-1+6a2f0b1c+AQ" labels "eu" "production"

module "checkout.base" 1 "sha256:0000000000000000000000000000000000000000000000000000000000000000"
module "checkout" 3 "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
role "lead"
role "compliance"

enum "Level" ordered "none" "bronze" "silver"  ; enums[0]
enum "Region" "eu" "us"                        ; enums[1]
source "scanner" fresh 86400000000             ; sources[0]
source "cmdb"                                  ; sources[1]
kind "Service" from 1                          ; kinds[0]
  field "id" string key
  field "tier" int
  field "note" optional string from 0
  field "tags" set string from 0 1
  field "level" enum 0 from request
kind "Team"                                    ; kinds[1]
  field "tier" int
kind "Identity" from request                   ; kinds[2]
edge "dependsOn" of 0 many to 0 from 1 inverse "usedBy" ; edges[0]
  field "since" optional instant
  field "names" set string
edge "owner" of 0 one to 1 2                   ; edges[1]
edge "lead" of 1 optional to 2                 ; edges[2]

parameter "minimum" enum 0 = 1                 ; p0
parameter "backup" optional node 0 1 = node 0 "a/\"b\"\n" ; p1
parameter "home" string = "eu; \u0001"         ; p2
parameter "nobody" optional node 2 = absent    ; p3
constant 0                                     ; k0
constant 1                                     ; k1
constant 86400000000                           ; k2
constant -9223372036854775808                  ; k3
constant 9007199254740992                      ; k4
constant ""                                    ; k5
constant "ürz%"                               ; k6
constant node 2 "erik"                         ; k7
constant absent                                ; k8
fieldref node 0.1 1.0                          ; fields[0] "tier"
fieldref node 0.3                              ; fields[1] "tags"
fieldref edge 0.0                              ; fields[2] "since"
fieldref edge 0.1                              ; fields[3] "names"
step 0                                         ; steps[0] "dependsOn"
step 1                                         ; steps[1] "owner"
step ~0 1                                      ; steps[2] "dependsOn" "owner"
kindset 0 1                                    ; kindSets[0] "Service" "Team"
kindset 2                                      ; kindSets[1] "Identity"
closure 0 plus                                 ; closures[0] "dependsOn"
closure 2 star limit 3                         ; closures[1] "dependsOn" "owner"
approval "lead" count 2                        ; approvals[0]
approval "compliance" count 1 within 86400000000 ; approvals[1]

scorecard "checkout.ready" ratio enum 0 routine 2 ; scorecards[0]
  parameter "service" node 0
  check "tested" weight 3 at "a.writ:1:2" title "Is it tested?"
  check "owned" weight 1000000 at "a.writ:2:2"
  level 1 at 50000000 checks
  level 2 at 90000000 checks 0 1

scorecard "checkout.points" sum enum 0 routine 3 ; scorecards[1]
  parameter "service" node 0
  check "tested" weight 3 at "a.writ:3:2"

gate "checkout.ship" waivable "lead"           ; gates[0]
  parameter "service" node 0
  parameter "age" duration
  require "approved" routine 0 at "a.writ:9:3" approval
    binding "dependency" node 0
    binding "target" node 0 1
    subject "service" node 0
    text "the service "
    value routine 1 optional string
    text " uses "
    value routine 4 set node 0
  deny "never" routine 5 at "a.writ:10:3"

gate "checkout.back"                           ; gates[1]
  parameter "service" node 0

waiver "checkout.W17" gate 0 clause 1 routine 5 expires 1795082400000000 reason "a patch is due" at "a.writ:50:1" ; waivers[0]
  for 0 "cart"
  for 1 "b d"

query "checkout.rows" rows routine 6 limit 10  ; queries[0]
  parameter "service" node 0
  column "id" string value 0
  column "uses" set node 0 value 1
  order ~0

query "checkout.groups" grouped routine 7      ; queries[1]
  group enum 0
  group int
  column "level" enum 0 key 0
  column "n" int count 2
  column "people" int countDistinct 3
  column "most" optional int greatest 4
  column "least" optional int least 4
  column "sum" int sum 4
  order 0
  order ~1

query "checkout.way" path routine 8            ; queries[2]
  parameter "service" node 0
  column "node" node 0 value 0

action "checkout.deploy" deploy production at "a.writ:30:1" idempotent timeout 900000000 ; actions[0]
  parameter "age" duration
  parameter "service" node 0
  impact outage
  impact dataExposure
  guard 0 1 0                                  ; "checkout.ship"
  rollback 1 1                                 ; "checkout.undo"
  label "production"
  label "eu"
  word
    text "./deploy.sh"
  word
  word
    text "--n="
    value routine 9 duration
  secret "deploy_token"
  secret "other"

action "checkout.undo" rollback production at "a.writ:40:1" irreversible ; actions[1]
  parameter "service" node 0
  guard 1 0                                    ; "checkout.back"
  word
    text "undo"
  word
    value routine 8 node 0

pipeline "checkout.release" at "a.writ:50:1" deadline 21600000000 ; pipelines[0]
  parameter "age" duration
  parameter "service" node 0
  concurrency "checkout" 2 supersedes
  value routine 9 duration                     ; values[0]
  value routine 10 node 0                      ; values[1]
  value routine 11 bool                        ; values[2]
  place "a.writ:51:9"                          ; places[0]
  place "a.writ:52:5"                          ; places[1]
  place "a.writ:60:9"                          ; places[2]
  place "a.writ:61:5"                          ; places[3]
  stage "verify" place 0 limit 4               ; stages[0]
    on failure abort
    step 1 "unit" place 1 deadline 3600000000 group limit 2
      step 2 "unit[linux]" place 1 timeout 600000000 idempotent run
        retry 3 base 10000000 cap 120000000 factor 1500000 jitter 5000000
        on error ignore
        word
          text "make"
        word
        word
          text "--for="
          value 0
      step 2 "unit[\"mac os\"]" place 1 run
        word
          text "make"
    step 1 "ship" place 1 needs 0 when 2 gate 0 1 0 ; "checkout.ship"
  stage "ask" place 0 after 0 when 2           ; stages[1]
    step 1 "lead" place 1 approval "lead" 2 except 1 and "compliance" 1 within 14400000000
    step 1 "compliance" place 1 approval "compliance" 1 within 1
    step 1 "wait" place 1 wait 60000000
    step 1 "all" place 1 group
      step 2 "twice" place 1 wait 1
  stage "production" place 2 after 0 1 limit 1 ; stages[2]
    on failure rollback
    on denial abort
    step 1 "deploy" place 3 action 0 0 1       ; "checkout.deploy"
    step 1 "soak" place 3 loop every 60000000 most 30 until 2
      step 2 "probe" place 3 run
        word
          text "probe"

pipeline "checkout.hotfix" at "a.writ:70:1" unverified ; pipelines[1]
  parameter "age" duration
  parameter "service" node 0
  value routine 9 duration                     ; values[0]
  value routine 10 node 0                      ; values[1]
  place ""                                     ; places[0]
  stage "all" place 0 limit 1                  ; stages[0]
    step 1 "deploy" place 0 action 0 0 1       ; "checkout.deploy"

routine inputs 2 registers 40 sets 11 cursors 3 buffers 2 ; routines[0] clause "approved" of "checkout.ship"
  emission r0 r1 i0 witness c0                 ; emissions[0]
  emission s0 now                              ; emissions[1]
  move r0 i0
  identifier r1 i0
  field r2 i0 fields[0]                        ; "tier"
  follow r3 i0 steps[1]                        ; "owner"
  jumpIfAbsent p1 L0                           ; "backup"
  isKind r4 r3 kindSets[1]                     ; "Identity"
L0:
  equal r4 r1 k5                               ; ""
  notEqual r5 r1 k6                            ; "ürz%"
  less r6 r2 k1                                ; 1
  lessOrEqual r7 r2 k2                         ; 86400000000
  not r8 r7
  and r9 r6 r7
  or r10 r8 r9
  negate r11 r2
  add r12 r2 r11
  subtract r13 r12 k0                          ; 0
  multiply r14 r13 r2
  multiplyDecimal r15 r14 r2
  divide r16 r15 r14
  divideDecimal r17 r16 r15
  remainder r18 r17 k1                         ; 1
  floorDivide r19 i1 k2                        ; 86400000000
  instantPart r20 now year
  instantPart r20 now date
  stringTest r21 r1 p2 starts                  ; "home"
  stringTest r21 r1 k6 like                    ; "ürz%"
  isAbsent r22 caller
  jumpIfPresent caller L1
  move r22 k1                                  ; 1
  present r22 i0
  alternative r22 i0 k1                        ; 1
L1:
  jumpIfTrue r22 L2
  jumpIfFalse r21 L2
  single s0 i0
  seal s0 numbers
  emit r22 emissions[1]
L2:
  nodes s0 kinds[0]                            ; "Service"
  fieldSet s1 i0 fields[1]                     ; "tags"
  edges s2 s0 steps[0]                         ; "dependsOn"
  reach s3 s0 steps[2]                         ; "dependsOn" "owner"
  closure s4 s0 closures[0]                    ; "dependsOn"
  clear s5
  approval r22 s5 approvals[0] alone           ; "lead"
  approval r23 s5 approvals[1] beside          ; "compliance"
  check b0 r22 r23
  check b0 r23 r22
  score r24 b0 scorecards[0] score             ; "checkout.ready"
  check b1 r22 r23
  score r25 b1 scorecards[1] level             ; "checkout.points"
  closureStart s6 s0 closures[1]               ; "dependsOn" "owner"
  closureGoal s6 s3
L3:
  closureNext s6 s7
  jump L7
  edges s8 s7 steps[2]                         ; "dependsOn" "owner"
  openFrom s6 s8
  loop c0 s8 free
L4:
  next c0 r26 r27
  jump L6
  edgeTarget r28 r26 steps[2]                  ; "dependsOn" "owner"
  edgeEnd r29 r26 to
  field r30 r26 fields[2]                      ; "since"
  fieldSet s9 r26 fields[3]                    ; "names"
  jumpIfDropped r27 L5
  closureFound s6 r28 r27 c0
L5:
  repeat c0 L4
L6:
  closureRepeat s6 L3
L7:
  closureEnd s6 closures[1]                    ; "dependsOn" "owner"
  emitOpen s6 r22 emissions[0] 0
  loop c0 s6 charged
L8:
  next c0 r0 r1
  jump L11
  clear s9
  loop c1 s0 charged
L9:
  next c1 r2 r3
  jump L10
  append s9 r2 r3 set
  appendVia s9 r0 r1 c0
  jumpIfTrue r3 L11
  repeat c1 L9
L10:
  openFrom s9 s0
  seal s9 strings
  copy s10 s9
  union s5 s9 s10 numbers
  difference s5 s9 s10 strings
  intersection s5 s9 s10 numbers
  member r4 r0 s5
  isEmpty r5 s5
  count r6 s5
  clear s1
  append s1 r6 k1 list                         ; 1
  charge s1
  sum r7 s1
  least r8 s1 0
  greatest r9 s1 255
  emit r9 emissions[0]
  repeat c0 L8
L11:
  halt

routine inputs 4 registers 1 sets 0 cursors 0 buffers 0 ; routines[1] message of clause "approved" of "checkout.ship"
  emission r0                                  ; emissions[0]
  move r0 i2
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 1 registers 4 sets 0 cursors 0 buffers 1 ; routines[2] scorecard "checkout.ready"
  emission k1 r0 k1 r1 r2 r3                   ; emissions[0]
  field r0 i0 fields[0]                        ; "tier"
  lessOrEqual r0 r0 k1                         ; 1
  isAbsent r1 i0
  check b0 k1 r0                               ; 1
  check b0 k1 r1                               ; 1
  score r2 b0 scorecards[0] score              ; "checkout.ready"
  check b0 k1 r0                               ; 1
  check b0 k1 r1                               ; 1
  score r3 b0 scorecards[0] level              ; "checkout.ready"
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 1 registers 2 sets 0 cursors 0 buffers 1 ; routines[3] scorecard "checkout.points"
  emission k1 k1 r0 r1                         ; emissions[0]
  check b0 k1 k1                               ; 1, 1
  score r0 b0 scorecards[1] score              ; "checkout.points"
  check b0 k1 k1                               ; 1, 1
  score r1 b0 scorecards[1] level              ; "checkout.points"
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 4 registers 0 sets 1 cursors 0 buffers 0 ; routines[4] message of clause "approved" of "checkout.ship"
  emission s0                                  ; emissions[0]
  single s0 i0
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 2 registers 0 sets 0 cursors 0 buffers 0 ; routines[5] clause "never" of "checkout.ship"
  emission                                     ; emissions[0]
  halt

routine inputs 1 registers 1 sets 1 cursors 0 buffers 0 ; routines[6] query "checkout.rows"
  emission r0 s0                               ; emissions[0]
  identifier r0 i0
  single s0 i0
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 0 registers 0 sets 0 cursors 0 buffers 0 ; routines[7] query "checkout.groups"
  emission p0 k0 k1 k2 k3                      ; emissions[0]
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 1 registers 2 sets 2 cursors 1 buffers 0 ; routines[8] query "checkout.way"
  emission r0 witness c0                       ; emissions[0]
  single s0 i0
  closure s1 s0 closures[0]                    ; "dependsOn"
  loop c0 s1 charged
L0:
  next c0 r0 r1
  jump L1
  emit r1 emissions[0]
  repeat c0 L0
L1:
  halt

routine inputs 2 registers 0 sets 0 cursors 0 buffers 0 ; routines[9] word of action "checkout.deploy"
  emission i0                                  ; emissions[0]
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 2 registers 0 sets 0 cursors 0 buffers 0 ; routines[10] value of pipeline "checkout.release"
  emission i1                                  ; emissions[0]
  emit k1 emissions[0]                         ; 1
  halt

routine inputs 2 registers 0 sets 0 cursors 0 buffers 0 ; routines[11] value of pipeline "checkout.release"
  emission k1                                  ; emissions[0]
  emit k1 emissions[0]                         ; 1
  halt
