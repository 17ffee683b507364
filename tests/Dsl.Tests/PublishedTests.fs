/// Published rows beside a sweep's own.
module LongTail.Tests.PublishedTests

open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Tests.Samples

let private published =
    {
        Source = "a table"
        Rows = [ "sgd", 81.02, 40.; "sam", 82.48, 74.; "lpf", 82.5, 100. ]
    }

let private row name seconds share =
    Report.row
        [ "optimizer", name ]
        afterLastEpoch
        LongTail.Core.Evaluation.CountGroups.Usual
        [ result 0.8125 seconds |> timedWith share ]

[<Tests>]
let tests =
    testList
        "published rows"
        [
            testCase "stand beside ours, with times over those of the first row" (fun () ->
                let table = Published.table published [ row "sgd" 2. alone; row "sam" 3.7 alone ]

                Expect.equal
                    table.Rows
                    [
                        [ "sgd"; "81.3"; "81.02"; "1.00x"; "1.00x" ]
                        [ "sam"; "81.3"; "82.48"; "1.85x"; "1.85x" ]
                        [ "lpf"; "-"; "82.50"; "-"; "2.50x" ]
                    ]
                    "rows")
            testCase "have no time beside one that was timed otherwise" (fun () ->
                let beside = MachineShare("cpu", alone.Threads, 1)
                let table = Published.table published [ row "sgd" 2. alone; row "sam" 3.7 beside ]
                Expect.equal (table.Rows |> List.map (List.item 3)) [ "1.00x"; "-"; "-" ] "times")
        ]
