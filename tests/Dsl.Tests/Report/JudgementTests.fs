/// The verdict on top of a report.
module LongTail.Tests.JudgementTests

open Expecto
open LongTail
open LongTail.Core.Training
open LongTail.Tests.ReportSamples

/// Of two optimizers over so many seeds, whose accuracies are given by seed.
let private judged count plain perturbed =
    let answer (e: Experiment) : RunResult =
        let accuracy: float =
            (if e.Optimizer.Perturbation.IsNone then plain else perturbed) (float e.Seed)

        wholeResult accuracy accuracy 1. 1.

    (Samples.pretraining
     |> vary perturbation [ none; gnm 0.005 ]
     |> seeds [ 0 .. count - 1 ]
     |> account answer)
        .Judgement

let private luck seed = 0.5 + 0.03 * seed

[<Tests>]
let tests =
    testList
        "report judgement"
        [
            // Differences 0.01, 0.02, 0.03: mean 2 points, half width 4.30265 / sqrt 3 = 2.484 points, t = 2 sqrt 3.
            testCase "a lead whose interval covers zero is no win" (fun () ->
                let judged = judged 3 luck (fun seed -> luck seed + 0.01 * (seed + 1.))
                Expect.equal judged.Headline "No clear winner: gnm leads sgd by 2.0 points" "headline"
                Expect.stringContains judged.Sentences.Head "95 % interval −0.5 to 4.5, p = 0.074" "numbers")
            testCase "a lead that every seed repeats is one" (fun () ->
                let judged = judged 3 luck (fun seed -> luck seed + 0.02 + 0.001 * seed)
                Expect.equal judged.Headline "gnm beats sgd by 2.1 points" "headline"
                Expect.stringContains judged.Sentences.Head "over 3 seeds is clear of seed noise" "sentence"
                Expect.stringContains judged.Sentences.Head "95 % interval 1.9 to 2.3" "interval")
            testCase "a baseline that is first is beaten by nothing" (fun () ->
                let judged = judged 3 luck (fun seed -> luck seed - 0.02 - 0.001 * seed)
                Expect.equal judged.Headline "Nothing beats sgd, a baseline" "headline"

                Expect.exists
                    judged.Sentences
                    (fun line -> line.StartsWith "Second is gnm, 2.1 points behind")
                    "second")
            testCase "a mean of other seeds is no lead" (fun () ->
                let rows, settings =
                    Samples.pretraining
                    |> vary perturbation [ none; gnm 0.005 ]
                    |> seeds [ 0; 1; 2 ]
                    |> runs (fun e ->
                        let gain = if e.Optimizer.Perturbation.IsNone then 0. else -0.01
                        wholeResult (luck (float e.Seed) + gain) 0.5 1. 1.)

                // Of sgd the worst seed is there, of gnm all.
                let left = rows |> List.filter (fun row -> row.Row = 1 || row.Seed = 0L)
                let judged = (accountOf (left, settings)).Judgement
                Expect.equal judged.Headline "No clear winner: gnm and sgd are not of the same seeds" "headline"

                Expect.stringContains
                    judged.Sentences.Head
                    "over the 1 seed that both have sgd is 1.0 points ahead"
                    "which")
            testCase "settings that are judged on different images are not ranked" (fun () ->
                let judged =
                    (Samples.pretraining
                     |> vary dataset [ FashionMnist; FashionMnist |> testImages 10 ]
                     |> seeds [ 0; 1 ]
                     |> account (fun _ -> wholeResult 0.5 0.5 1. 1.))
                        .Judgement

                Expect.stringStarts judged.Headline "2 sets of test images" "headline")
            testCase "one seed cannot tell, whoever is first" (fun () ->
                for gain, first in [ 0.02, "gnm leads sgd"; -0.02, "sgd leads gnm" ] do
                    let judged = judged 1 luck (fun seed -> luck seed + gain)
                    Expect.equal judged.Headline $"One seed cannot tell: {first} by 2.0 points" "headline")
            testCase "what is equal, or hardly differs, has no winner and a sentence all the same" (fun () ->
                let of1 count gain =
                    let judged = judged count luck (fun seed -> luck seed + gain seed)
                    judged.Headline, judged.Sentences.Head

                Expect.equal
                    (of1 3 (fun _ -> 0.))
                    ("No winner: gnm and sgd are equal",
                     "They have the same accuracy in each of 3 seeds: see whether what tells them apart has an effect.")
                    "equal"

                Expect.equal
                    (of1 1 (fun _ -> 0.))
                    ("No winner: gnm and sgd are equal",
                     "They have the same accuracy in the one seed that both have: see whether what tells them apart has an effect.")
                    "equal in one seed"

                Expect.equal
                    (fst (of1 1 (fun _ -> 0.0002)))
                    "One seed cannot tell: gnm leads sgd by less than 0.1 points"
                    "rounded away"

                // Differences 0.0002, 0.0003, 0.0004: half a width is 4.30265 / sqrt 3 times 0.0001.
                Expect.equal
                    (of1 3 (fun seed -> 0.0002 + 0.0001 * seed))
                    ("gnm beats sgd by less than 0.1 points",
                     "The difference over 3 seeds is clear of seed noise (95 % interval 0.01 to 0.05, p = 0.035).")
                    "rounded away, and clear"

                let headline, sentence = of1 2 (fun seed -> 0.01 - 0.02 * seed)
                Expect.equal headline "No clear winner: gnm and sgd have the same mean" "equal means"
                Expect.stringContains sentence "95 % interval −12.7 to 12.7" "and no zero with a sign")
        ]
