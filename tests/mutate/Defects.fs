/// Every defect, room by room.
module LongTail.Tests.Mutation.Defects

let all =
    List.concat
        [
            Core.defects
            Data.defects
            Evaluation.defects
            Files.defects
            Images.defects
            Language.defects
            Losses.defects
            Models.defects
            Optimizers.defects
            Results.defects
            Samplers.defects
            Saying.defects
            Training.defects
        ]
