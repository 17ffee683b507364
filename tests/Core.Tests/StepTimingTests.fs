/// What a step costs, timed without a data set.
module LongTail.Tests.StepTimingTests

open System
open Expecto
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns

let private kind run = StepTiming.Kind(settings run)

[<Tests>]
let tests =
    testList
        "step timing"
        [
            testCase "what hardly changes an image's cost makes no new kind" (fun () ->
                for other in
                    [
                        { plain with Perturbation = gnm }
                        { plain with Seed = 3L }
                        { plain with MicroBatches = 2 }
                        { plain with
                            Loss = LossSettings(1., PlainLogits(), null, null)
                        }
                        { plain with TestImages = 5 }
                    ] do
                    Expect.equal (kind other) (kind plain) "the same kind"

                Expect.notEqual
                    (kind
                        { plain with
                            Tuning = Tuning.Everything
                        })
                    (kind plain)
                    "more to train"

                Expect.notEqual (kind { plain with Tuning = Tuning.HeadOnly }) (kind plain) "less to train")
            testCase "a step is timed where there is no image, under every perturbation" (fun () ->
                for perturbation in
                    [
                        null
                        gnm :> PerturbationSettings | null
                        SamSettings 0.05
                        ImbSamSettings(0.05, 20)
                    ] do
                    let timing =
                        StepTiming.Measure(
                            settings
                                { plain with
                                    Perturbation = perturbation
                                },
                            "cpu",
                            Nullable 20
                        )

                    Expect.equal timing.Images 20 "images"
                    Order.isGreaterThan timing.StepSeconds 0. "step"
                    Order.isGreaterThan timing.JudgeSeconds 0. "judge"
                    Order.isGreaterThan timing.BaseMiB.Value 0. "base")
            testCase "few images are enough, and one of every step is not too few" (fun () ->
                let timing = StepTiming.Measure(kind plain, "cpu", Nullable())
                Order.isGreaterThanOrEqual timing.Images 8 "at least"
                Order.isLessThanOrEqual timing.Images 64 "at most")
            testCase "an ascent is a second pass" (fun () ->
                Expect.equal (StepTiming.Passes null) 1. "plain"
                Expect.equal (StepTiming.Passes gnm) 1. "gnm"
                Expect.equal (StepTiming.Passes(SamSettings 0.05)) 2. "sam")
        ]
