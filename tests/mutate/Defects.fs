/// Every defect, room by room.
module LongTail.Tests.Mutation.Defects

let all = List.concat [ Randomness.defects ]
