/// Nothing that is said twice is lost without a word.
module LongTail.Tests.SaidTests

open System
open System.Reflection
open Expecto
open LongTail
open LongTail.Tests.Samples

let private prompting = (Sweep.settings prompting |> List.exactlyOne).Experiment

let private faults experiment =
    Validation.errors None None experiment
    |> List.map (fun problem -> problem.Field, problem.Fault)

let private complaints experiment =
    faults experiment
    |> List.filter (fun (_, fault) ->
        [ "is said twice"; "replaces"; "is deferred twice"; "adjusts again" ]
        |> List.exists fault.Contains)

/// What one part of an experiment becomes by a word, and how an experiment has it.
type private Place =
    {
        Kind: Type
        /// That has none of the words.
        Plain: objnull
        Put: objnull -> Experiment -> Experiment
    }

let private unsaidLoss loss = { loss with Loss.Said = Said.nothing }

let private places =
    let place (plain: 'part) put =
        {
            Kind = typeof<'part>
            Plain = box plain
            Put = unbox<'part> >> put
        }

    [
        place FashionMnist (fun part e -> { e with Dataset = part })
        place decode (fun part e -> { e with Input = part })
        place (vit "x.safetensors") (fun part e -> { e with Model = part })
        place (unsaidLoss (ldam 30.)) (fun part e -> { e with Loss = part })
        place (sgd 0.1) (fun part e -> { e with Optimizer = part })
        place (cosine 6<epoch>) (fun part e -> { e with Schedule = part })
        place instanceSampling (fun part e -> { e with Sampling = part })
        place afterLastEpoch (fun part e -> { e with Evaluation = part })
    ]

/// The two forms in which F# compiles `let word number part = ...` and `let word number = other number`.
let private changes (word: MethodInfo) =
    let takes = word.GetParameters() |> Array.map _.ParameterType |> List.ofArray

    places
    |> List.tryPick (fun place ->
        if word.ReturnType = place.Kind && takes <> [] && List.last takes = place.Kind then
            Some(place, List.truncate (takes.Length - 1) takes, false)
        elif word.ReturnType = typedefof<_ -> _>.MakeGenericType(place.Kind, place.Kind) then
            Some(place, takes, true)
        else
            None)

let private sample (kind: Type) : objnull =
    if kind = typeof<float> then
        box 0.5
    elif kind = typeof<int> then
        box 2
    elif kind = typeof<int64> then
        box 2L
    elif kind = typeof<Normalisation> then
        box clip
    elif kind = typeof<SmoothingCurve> then
        box Concave
    elif kind = typeof<Part> then
        box Head
    elif kind = typeof<Tuning> then
        box Tuning.HeadOnly
    elif kind = typeof<Perturbation> then
        box (Sam 0.1)
    elif kind = typeof<Sampling> then
        box squareRootSampling
    elif kind = typeof<Input -> Input> then
        box (resize 32)
    elif kind = cifar10Policy.GetType() then
        box cifar10Policy
    else
        failtest $"a word takes a {kind}: give an example of one"

/// Every word of the language that changes a part of an experiment, as that change; found, not listed.
let private words =
    [
        for scope in typeof<Experiment>.Assembly.GetExportedTypes() do
            if scope.IsDefined(typeof<AutoOpenAttribute>) then
                for word in scope.GetMethods(BindingFlags.Public ||| BindingFlags.Static) do
                    match changes word with
                    | Some(place, takes, curried) ->
                        let given = takes |> List.map sample

                        let say (part: objnull) =
                            if curried then
                                let change = nonNull (word.Invoke(null, Array.ofList given))
                                let invoke = change.GetType().GetMethod("Invoke", [| place.Kind |])
                                (nonNull invoke).Invoke(change, [| part |])
                            else
                                word.Invoke(null, Array.ofList (given @ [ part ]))

                        word.Name, place, say
                    | None -> ()
    ]

/// Words of which one fills the place of the other.
let private rivals: (string * (Experiment -> Experiment)) list =
    let dataset part e = { e with Experiment.Dataset = part }
    let loss part e = { e with Loss = part }
    let optimizer part e = { e with Optimizer = part }
    let model part e = { e with Model = part }
    let input part e = { e with Experiment.Input = part }

    [
        "gnm and sam", optimizer (sgd 0.02 |> gnm 0.005 |> sam 0.05)
        "gnm and none", optimizer (sgd 0.02 |> gnm 0.005 |> none)
        "asam and perturbed", optimizer (sgd 0.02 |> asam 0.05 |> perturbed (Sam 0.05))
        "two shapes of the tail", dataset (FashionMnist |> longTailed 100. |> stepImbalance 10.)
        "two smoothings", loss (crossEntropy |> labelSmoothing 0.1 |> labelAwareSmoothing Concave 0.4 0.1)
        "two focal factors", loss (crossEntropy |> focal 1. |> focalOfWeighted 1.)
        "two betas",
        loss (
            crossEntropy
            |> deferReweighting 3<epoch>
            |> reweightingBeta 0.9
            |> classBalanced 0.99
        )
        "a published scale and another", loss (gcl 25. |> scaled 30.)
        "an adjustment in training and after it", loss (balancedSoftmax |> adjustedPostHoc 1.)
        "two heads", model (vit "x" |> cosineHead |> linearHead)
        "two starts of a head", model (vit "x" |> classMeans |> drawnHead)
        "two activations", model (vit "x" |> gelu |> quickGelu)
        "two dropouts", model (vit "x" |> dropout 0.1 |> dropoutInEpochZero 0.1)
        "a flip and none", input (decode |> flip |> withoutFlip)
        "two sides", input (side 32 |> resize 64)
        "twice within testing", input (side 32 |> testing (resize 32 >> resize 64))
    ]

let private parts =
    let started () = ExperimentBuilder "twice"

    [
        "batch", (let b = started () in b.Batch(b.Batch(b.Yield(), 8), 16))
        "seed", (let b = started () in b.Seed(b.Seed(b.Yield(), 1L), 1L))
        "input", (let b = started () in b.Input(b.Input(b.Yield(), decode), decode))
        "evaluation", (let b = started () in b.Evaluation(b.Evaluation(b.Yield(), bestOnTest), afterLastEpoch))
        "groups", (let b = started () in b.Groups(b.Groups(b.Yield(), byCount), byCount))
        "sampling", (let b = started () in b.Sampling(b.Sampling(b.Yield(), instanceSampling), instanceSampling))
    ]
    |> List.map (fun (word, draft) ->
        let b = started ()
        let draft = b.Dataset(draft, FashionMnist |> longTailed 10.)
        let draft = b.Model(draft, vit "x")
        let draft = b.Loss(draft, crossEntropy)
        let draft = b.Optimizer(draft, sgd 0.1)
        word, b.Run(b.Schedule(draft, cosine 6<epoch>)))

let private reweighting loss = (loss: Loss).Reweighting

[<Tests>]
let tests =
    testList
        "said twice"
        [
            testCase "the words are found" (fun () ->
                let names = words |> List.map (fun (name, _, _) -> name)

                for name in
                    [
                        "longTailed"
                        "crop"
                        "bfloat16"
                        "focal"
                        "gnm"
                        "warmUp"
                        "deferResampling"
                    ] do
                    Expect.contains names name "word"

                for place in places do
                    Expect.exists words (fun (_, other, _) -> other.Kind = place.Kind) $"{place.Kind}")
            for name, place, say in words do
                testCase $"{name} is told" (fun () ->
                    let once = prompting |> place.Put(say place.Plain)
                    Expect.isEmpty (complaints once) "said once"
                    let twice = prompting |> place.Put(say (say place.Plain))
                    Expect.isNonEmpty (complaints twice) "said twice")
            for name, change in rivals do
                testCase $"of {name} both are told" (fun () -> Expect.isNonEmpty (complaints (change prompting)) "told")
            for word, sweep in parts do
                testCase $"the experiment's {word} is told" (fun () ->
                    let found = Sweep.settings sweep |> List.collect (fun s -> faults s.Experiment)
                    Expect.contains found (word, "is said twice") "told")
            testCase "what an axis varies is not" (fun () ->
                let varied =
                    Samples.prompting
                    |> Sweep.map (fun e ->
                        { e with
                            Optimizer = sgd 0.1 |> gnm 0.005
                        })
                    |> vary perturbation [ none; sam 0.05 ]
                    |> overriding perturbation (asam 0.5)

                for s in Sweep.settings varied do
                    Expect.isEmpty (complaints s.Experiment) "told")
            testCase "a pipeline of ours can be said anew, once" (fun () ->
                let input change =
                    complaints
                        { prompting with
                            Input = change publishedCifar
                        }

                Expect.isEmpty (input (crop 8 >> cutout 8 >> normalise imageNet)) "once"
                Expect.isNonEmpty (input (crop 8 >> crop 2)) "twice")
            testCase "testing that normalises is told" (fun () ->
                let found =
                    faults
                        { prompting with
                            Input = side 32 |> testing (resize 32 >> normalise clip)
                        }

                Expect.exists found (fst >> (=) "testing") "told")
            testCase "equal values are one run however they are said" (fun () ->
                Expect.equal
                    (sgd 0.1 |> none |> gnm 0.1 |> _.Perturbation)
                    (sgd 0.1 |> gnm 0.1 |> _.Perturbation)
                    "value"

                Expect.equal
                    (crossEntropy |> deferReweighting 2<epoch> |> classBalanced 0.99)
                    (crossEntropy |> classBalanced 0.99 |> deferReweighting 2<epoch>)
                    "loss")
            testCase "a beta and a deferral hold in either order" (fun () ->
                let wanted = Some { From = 2<epoch>; Beta = 0.99 }

                for kind in [ crossEntropy; gcl 25. ] do
                    for beta in [ classBalanced 0.99; reweightingBeta 0.99 ] do
                        Expect.equal (kind |> beta |> deferReweighting 2<epoch> |> reweighting) wanted "beta first"
                        Expect.equal (kind |> deferReweighting 2<epoch> |> beta |> reweighting) wanted "deferral first"

                Expect.equal
                    (gcl 25. |> deferReweighting 2<epoch> |> reweighting)
                    (Some { From = 2<epoch>; Beta = 0.9998 })
                    "published")
            testCase "a beta without a deferral is told" (fun () ->
                let found =
                    faults
                        { prompting with
                            Loss = gcl 25. |> reweightingBeta 0.99
                        }

                Expect.exists found (fst >> (=) "reweightingBeta") "told")
            testCase "margin is ldam's and gcl's, and no other loss's" (fun () ->
                Expect.equal (ldam 30. |> margin 0.3).Kind (Ldam(0.3, false)) "ldam"
                Expect.equal (gcl 25. |> margin 0.3).Kind (GaussianClouded(0.3, 1.)) "gcl"

                let found =
                    faults
                        { prompting with
                            Loss = crossEntropy |> margin 0.3
                        }

                Expect.exists found (fst >> (=) "margin") "told")
        ]
