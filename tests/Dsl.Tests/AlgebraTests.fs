/// The laws of sweeps as values: what may be regrouped and reordered without meaning other runs.
module LongTail.Tests.AlgebraTests

open Expecto
open FsCheck
open FsCheck.FSharp
open LongTail
open LongTail.Tests.Samples

/// A variation and how it reads in a failed law.
type private Term = { Text: string; Means: Variation }

let private axesAndValues =
    [
        "imbalance", (fun n -> values imbalance [ for i in 1..n -> float (i * 7) ])
        "rate", (fun n -> values learningRate [ for i in 1..n -> 0.01 * float i ])
        "prompts", (fun n -> values promptLength [ for i in 1..n -> i - 1 ])
        "batch", (fun n -> values batchSize [ for i in 1..n -> 8 * i ])
        "loss", (fun n -> values loss [ for i in 1..n -> gcl (float i) ])
    ]

let private leaf names =
    gen {
        let! name, make =
            Gen.elements (axesAndValues |> List.filter (fun (name, _) -> List.contains name names))

        let! count = Gen.choose (0, 3)

        return
            {
                Text = $"{name}*{count}"
                Means = make count
            }
    }

let private joined word f a b =
    {
        Text = $"({a.Text} {word} {b.Text})"
        Means = f a.Means b.Means
    }

/// Over these axes only, so that two terms can be kept apart.
let private terms names =
    gen {
        let! first, second, third = Gen.three (leaf names)

        return!
            Gen.elements
                [
                    first
                    joined "x" product first second
                    joined "+" union first second
                    joined "x" product (joined "+" union first second) third
                ]
    }

let private all = axesAndValues |> List.map fst

let private experiments sweep =
    Sweep.settings sweep |> List.map _.Experiment

let private under variation =
    experiments (pretraining |> over variation)

let private hashes variation =
    under variation |> List.map (settingsOf >> Identity.hash) |> Set

/// Two variations mean the same experiments in the same order.
let private same a b =
    Expect.equal (under a) (under b) "experiments"

let private law name generator holds =
    testProperty name <| Prop.forAll (Arb.fromGen generator) holds

/// An alternative that the default validation accepts and that reads without a backbone file.
let private condition (e: Experiment) =
    e.Batch > 8 || e.Dataset.ImbalanceFactor < 10.

[<Tests>]
let tests =
    testList
        "algebra"
        [
            law "the product is associative" (Gen.three (terms all)) (fun (a, b, c) ->
                same (product (product a.Means b.Means) c.Means) (product a.Means (product b.Means c.Means)))
            law "the union is associative" (Gen.three (terms all)) (fun (a, b, c) ->
                same (union (union a.Means b.Means) c.Means) (union a.Means (union b.Means c.Means)))
            law "zip is associative" (Gen.choose (0, 4)) (fun n ->
                let part name =
                    (List.find (fst >> (=) name) axesAndValues |> snd) n

                let a, b, c = part "imbalance", part "rate", part "batch"
                same (zip (zip a b) c) (zip a (zip b c))
                Expect.hasLength (under (zip a (zip b c))) n "one each")
            law "what is unchanged and nothing are the neutral elements" (terms all) (fun a ->
                same (product Variation.unchanged a.Means) a.Means
                same (product a.Means Variation.unchanged) a.Means
                same (union Variation.nothing a.Means) a.Means
                same (union a.Means Variation.nothing) a.Means
                same (product Variation.nothing a.Means) Variation.nothing)
            law
                "the product distributes over the union"
                (Gen.zip
                    (Gen.zip (terms [ "imbalance"; "rate" ]) (terms [ "imbalance"; "rate" ]))
                    (terms [ "batch"; "loss" ]))
                (fun ((a, b), c) ->
                    same
                        (product (union a.Means b.Means) c.Means)
                        (union (product a.Means c.Means) (product b.Means c.Means)))
            law "over a product is over the one and then over the other" (Gen.two (terms all)) (fun (a, b) ->
                Expect.equal
                    (experiments (pretraining |> over (product a.Means b.Means)))
                    (experiments (pretraining |> over a.Means |> over b.Means))
                    "experiments")
            law "where distributes over the union of sweeps" (Gen.two (terms all)) (fun (a, b) ->
                let x, y = pretraining |> over a.Means, pretraining |> over b.Means

                Expect.equal
                    (experiments (Sweep.where condition (Sweep.union x y)))
                    (experiments (Sweep.union (Sweep.where condition x) (Sweep.where condition y)))
                    "experiments")
            law "a sweep's union with itself is itself, and no experiment comes twice" (terms all) (fun a ->
                let x = pretraining |> over a.Means
                Expect.equal (experiments (Sweep.union x x)) (experiments x) "idempotent"
                Expect.equal (List.distinct (experiments x)) (experiments x) "once each")
            law
                "the order of axes that differ changes no run"
                (Gen.zip (terms [ "imbalance"; "rate" ]) (terms [ "batch"; "loss" ]))
                (fun (a, b) ->
                    Expect.equal (hashes (product a.Means b.Means)) (hashes (product b.Means a.Means)) "hashes")
            law "seeds replicate: so many experiments for each, of which the rest is alike" (terms all) (fun a ->
                let varied = pretraining |> over a.Means
                let replicated = varied |> seeds [ 3; 1; 4; 1 ]
                Expect.hasLength (experiments replicated) (3 * (experiments varied).Length) "three seeds"

                Expect.equal
                    (experiments (replicated |> Sweep.map (fun e -> { e with Seed = 0L })))
                    (experiments varied)
                    "but for the seed")
            testCase "overriding sets every experiment and takes the column away" (fun () ->
                let sweep =
                    pretraining
                    |> vary imbalance [ 10.; 50. ]
                    |> vary batchSize [ 8; 16 ]
                    |> overriding imbalance 20.

                Expect.equal
                    (Sweep.settings sweep
                     |> List.map (fun s -> s.Experiment.Dataset.ImbalanceFactor, s.Labels))
                    [ 20., [ "batch", "8" ]; 20., [ "batch", "16" ] ]
                    "two left")
            testCase "a union of different axes names every row in every column" (fun () ->
                let union =
                    Sweep.union (pretraining |> vary perturbation [ sam 0.05 ]) (pretraining |> vary batchSize [ 8 ])

                Expect.equal
                    (Sweep.settings union |> List.map _.Labels)
                    [ [ "optimizer", "sam"; "batch", "64" ]; [ "optimizer", "gnm"; "batch", "8" ] ]
                    "labels")
            testCase "short names that a union makes ambiguous give way to full ones" (fun () ->
                let rho value =
                    pretraining |> vary perturbation [ sam value ]

                Expect.equal
                    (Sweep.settings (Sweep.union (rho 0.05) (rho 0.1))
                     |> List.map (_.Labels >> List.map snd))
                    [ [ "sam 0.05" ]; [ "sam 0.1" ] ]
                    "labels")
            testCase
                "a value said twice is a warning, an axis or seeds said twice or without a value a problem"
                (fun () ->
                    let doubts sweep =
                        (planned { Folder = "none" } sweep).Warnings
                        |> List.filter (fun problem -> problem.Where = "")
                        |> List.map (fun problem -> problem.Field, problem.Value, problem.Fault)

                    let plain = pretraining |> vary imbalance [ 50.; 100. ] |> seeds [ 0; 1 ]
                    Expect.isEmpty (doubts plain) "nothing odd"
                    Expect.isEmpty (doubts (plain |> overriding imbalance 100.)) "overriding says so itself"

                    Expect.equal
                        (doubts (pretraining |> vary imbalance [ 100.; 100. ] |> seeds [ 0; 0 ]))
                        [ "imbalance", "100", "is said twice"; "seeds", "0", "is said twice" ]
                        "twice"

                    let rates = values learningRate [ 0.1; 0.2 ]

                    for line, sweep in
                        [
                            "imbalance: has no value", pretraining |> vary imbalance []
                            "seeds: has no value", pretraining |> seeds []
                            "imbalance: is varied twice; vary it once, with all its values",
                            plain |> vary imbalance [ 100. ]
                            "learningRate: is varied twice", plain |> over (product rates rates)
                            "learningRate: is varied twice", plain |> over (zip rates rates)
                            "perturbation: is varied twice",
                            plain |> vary perturbation [ none ] |> vary perturbation [ sam 0.05 ]
                            "seeds: is said twice; say it once, with all seeds", plain |> seeds [ 2; 3 ]
                            "seeds: is said twice", Sweep.union pretraining plain |> seeds [ 2 ]
                        ] do
                        match Plan.make sources { Folder = "none" } sweep with
                        | Error [ problem ] -> Expect.stringStarts (string problem) line line
                        | other -> failtest $"{line}: %A{other}")
            testCase "experiments of several names have a column of them" (fun () ->
                let named name =
                    pretraining |> Sweep.map (fun e -> { e with Name = name })

                Expect.equal
                    (Sweep.settings (Sweep.union (named "a") (named "b")) |> List.map _.Labels)
                    [ [ "experiment", "a" ]; [ "experiment", "b" ] ]
                    "labels")
            testCase "an experiment has a name, and its seed is not negative" (fun () ->
                match
                    check
                        { one pretraining with
                            Name = " "
                            Seed = -1L
                        }
                with
                | Error problems ->
                    Expect.equal
                        (problems |> List.map string)
                        [
                            "experiment: name: is empty; say what the experiment is called"
                            "experiment: seed -1: is negative; give 0 or more"
                        ]
                        "lines"
                | other -> failtest $"%A{other}")
            testCase "zip of unequal lengths is a problem of the plan, beside all others" (fun () ->
                let sweep =
                    pretraining
                    |> over (zip (values imbalance [ 10.; 20. ]) (values batchSize [ 8 ]))

                match Plan.make sources { Folder = "none" } sweep with
                | Error [ problem ] ->
                    Expect.equal
                        (string problem)
                        "zip: 2 values of imbalance beside 1 of batchSize; give as many of the one as of the other"
                        "line"
                | other -> failtest $"%A{other}")
        ]
