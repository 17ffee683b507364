/// What runs are expected to take.
module LongTail.Tests.CostTests

open System.IO
open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

/// The costs of a sweep of which the store has the first run, which took a second an epoch.
let private costs sweep =
    inTempFolder (fun folder ->
        let store: Store =
            {
                Folder = Path.Combine(folder, "runs")
            }

        let plan () =
            match Plan.make sources store sweep with
            | Ok plan -> plan
            | Error problems -> failtest $"%A{problems}"

        let first = (plan ()).Runs[0]
        Store.start store first Place.here
        Store.finish store first.Hash (result 0.5 1.)
        let plan = plan ()
        let costs = Cost.ofPlan store Place.here plan

        plan.Runs
        |> List.map (fun run ->
            if costs.ContainsKey run.Hash then
                Some costs[run.Hash]
            else
                None))

[<Tests>]
let tests =
    testList
        "cost"
        [
            testCase "a finished run tells what others of its kind take" (fun () ->

                match costs (pretraining |> vary perturbation [ none; gnm 0.005; sam 0.05 ]) with
                | [ None; Some gnm; Some sam ] ->
                    // Six epochs of a second, and 10,000 test images at 0.4 of a step's share of 1 s / 1,485 images.
                    Expect.floatClose Accuracy.medium gnm.Seconds (6. + 0.4 * 10000. / 1485.) "one pass"
                    Expect.floatClose Accuracy.medium (sam.Seconds - gnm.Seconds) 6. "a second pass"
                    Expect.equal gnm.MemoryMiB (Some 56.5) "memory, as it was seen"
                | other -> failtest $"%A{other}")
            testCase "a finished run that had another beside it tells nothing of one alone" (fun () ->
                inTempFolder (fun folder ->
                    let store: Store =
                        {
                            Folder = Path.Combine(folder, "runs")
                        }

                    let sweep = pretraining |> vary perturbation [ none; gnm 0.005 ]
                    let first = (planned store sweep).Runs[0]
                    Store.start store first Place.here

                    result 0.5 1000000.
                    |> timedWith (MachineShare("cpu", Place.here.Threads, 1))
                    |> Store.finish store first.Hash

                    for _, cost in Map.toList (Cost.ofPlan store Place.here (planned store sweep)) do
                        Order.isLessThan cost.Seconds 1000000. "a timed step's"))
            testCase "workers share the time, but no run is shorter than itself" (fun () ->
                let of' seconds =
                    {
                        Seconds = seconds
                        MemoryMiB = Some 1.
                    }

                Expect.equal (Cost.seconds 2 [ of' 3.; of' 3.; of' 4. ]) 5. "shared"
                Expect.equal (Cost.seconds 3 [ of' 1.; of' 9. ]) 9. "the longest"
                Expect.equal (Cost.seconds 2 []) 0. "nothing")
            testCase "workers share the process, but not what a run adds to it" (fun () ->
                let of' memory = { Seconds = 1.; MemoryMiB = memory }
                let known = Some >> of'
                Expect.equal (Cost.processMemory 1 [ known 700.; known 800. ]) (Some 800.) "alone"

                Expect.equal
                    (Cost.processMemory 2 [ known 600.; known 700.; known 800. ])
                    (Some 1250.)
                    "the two largest"

                Expect.equal (Cost.processMemory 2 [ known 600.; of' None ]) None "no sum of what is unknown")
            testTheory
                "a time is said as exactly as an estimate is"
                [
                    0.2, "1 s"
                    41.3, "42 s"
                    150., "2.5 min"
                    4000., "67 min"
                    9000., "2.5 h"
                    400000., "4.6 days"
                ]
                (fun (seconds, words) -> Expect.equal (Cost.duration seconds) words "words")
            testTheory
                "memory likewise"
                [ 348.2, "350 MiB"; 2400., "2.3 GiB"; 20480., "20 GiB" ]
                (fun (mebibytes, words) -> Expect.equal (Cost.memory mebibytes) words "words")
        ]
