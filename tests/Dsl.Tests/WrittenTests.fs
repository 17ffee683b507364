/// Settings in the words of a script: what is printed means the same run.
module LongTail.Tests.WrittenTests

open System.IO
open System.Reflection
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open FsCheck
open FsCheck.FSharp
open LongTail
open LongTail.Commands
open LongTail.Core.Settings
open LongTail.Tests.Samples
open LongTail.Tests.TempFolder

/// A file that tells its activation, and CLIP's that does not.
let private resolved (e: Experiment) =
    let file =
        if e.Model.Activation.IsSome then
            { backboneFile with Activation = None }
        else
            backboneFile

    Validation.check (holding file) e

let private settingsOf e =
    match resolved e with
    | Ok sound -> sound.Settings
    | Error problems -> failtest $"%A{problems}"

let private written e =
    Written.parts (Experiment.groups e) (settingsOf e)

let private plain =
    { unsaid (one prompting) with
        Loss = crossEntropy
        Optimizer = sgd 0.02
    }

let private with' (change: Experiment -> Experiment) = change plain

let private datasets =
    [
        FashionMnist
        Cifar10 |> longTailed 100.
        Cifar100 |> stepImbalance 12.5 |> imagesPerClass 300 |> testImages 50
        { (FashionMnist |> longTailed 1e3) with
            SelectionSeed = 3u
        }
    ]

let private filed =
    [
        ImageNetLt
        PlacesLt |> skipBroken
        INaturalist2018 |> packed 256
        listFiles "train \"1\".txt" "a\\b.txt"
        classFolders "train" "val"
    ]

let private inputs =
    [
        augmented
        side 64
        side 64 |> crop 2
        side 64 |> withoutCrop
        side 64 |> withoutFlip
        side 64 |> crop 2 |> withoutFlip |> normalise cifar
        decode |> flip |> normalise clip
        decode |> resize 48 |> normalise iNaturalist
        decode
        |> normalise
            {
                Mean = Rgb(0.5, 0.4, 1.5e-7)
                Deviation = Rgb(0.5, 1., 0.25)
            }
        publishedCifar
        publishedImageNet
        publishedImageNet |> cutout 8
        side 32 |> testing (resizeShort 40 >> centreCrop 32)
        decode
        |> autoAugment cifar10Policy
        |> randAugment 2 9
        |> colourJitter 0.4 0. 1.
        |> cutout 8
        { publishedImageNet with
            Train = [ Transform.RandomResizedCrop(32, 0.25, 1.5); Transform.Flip ]
        }
        { publishedImageNet with
            Train =
                [
                    Transform.RandomResizedCrop(32, 0.25, 1.5)
                    Transform.Crop 2
                    Transform.RandAugment(1, 5)
                ]
            Test = None
        }
    ]

let private models =
    let vit = vit "weights/some.safetensors"

    let shape =
        {
            InputSide = 32
            PatchSize = 8
            Width = 64
            Depth = 2
            Heads = 2
        }

    [
        vit
        vit |> deepPrompts 10 |> cosineHead |> classMeans |> bfloat16
        vit |> deepPrompts 10 |> clsReadout |> linearHead |> tuning Tuning.HeadOnly
        vit |> quickGelu |> dropout 0.1
        vit |> dropoutInEpochZero 0.1 |> tuning Tuning.Everything
        drawnVit shape
    ]

let private losses =
    [
        crossEntropy
        crossEntropy |> scaled 20.
        gcl 25.
        gcl 30. |> margin 0.3 |> deferReweighting 4<epoch>
        { gcl 25. with
            Kind = GaussianClouded(0.2, 0.5)
        }
        ldam 30. |> classBalanced 0.999
        unscaledLdam 30. |> margin 0.4 |> deferReweighting 2<epoch>
        balancedSoftmax |> focal 2.
        logitAdjusted 0.5 |> scaled 10.
        crossEntropy |> adjustedPostHoc 1.5
        crossEntropy |> labelSmoothing 0.1
        crossEntropy |> labelAwareSmoothing (Power 2.) 0.4 0.1
        crossEntropy |> labelAwareSmoothing Concave 0.4 0.1
        crossEntropy |> labelAwareSmoothing Convex 0.1 0.1
        crossEntropy |> labelAwareSmoothing Linear 0.4 0.1
        crossEntropy
        |> focalOfWeighted 1.
        |> deferReweighting 2<epoch>
        |> reweightingBeta 0.99
    ]

let private optimizers =
    let plain = sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3

    [
        plain |> nesterov
        adamW 1e-05 |> clipped 1. |> averaged 0.99 |> microBatches 2
        plain |> gnm 0.005 |> radiusTimes 0. Head |> rateTimes 10. Prompts
        plain |> literalGnm 0.005
        plain |> perturbed (Gnm(0.005, Every 2<epoch>, true))
        plain |> perturbed (Gnm(0.005, Never, false))
        plain |> perturbed (Gnm(0.005, PublishedOff, true))
        plain |> sam 0.05
        plain |> asam 0.5
        plain |> imbSam 0.05
        plain |> perturbed (ImbSam(0.05, 30))
        plain |> focalSam 0.05 5.5 0.8
        plain |> lpfSgd 0.001 4
        plain |> perturbed (LpfSgd(0.001, 4, 2.))
        plain |> rwp 0.01
        plain |> perturbed (Rwp(0.01, 0.25))
    ]

let private schedules =
    [
        cosine 0<epoch>
        cosine 6<epoch> |> lagged
        cosine 6<epoch> |> warmUp 2<epoch>
    ]

let private samplings =
    [
        instanceSampling
        classBalancedSampling
        squareRootSampling
        Sampling.ClassPower -1.
        progressiveSampling
        effectiveNumberSampling 0.99
        classAwareSampling 4
        instanceSampling |> deferResampling 3<epoch> (classAwareSampling 2)
    ]

let private evaluations =
    [
        afterLastEpoch
        bestOnTest |> batchMeanAccuracy
        afterLastEpoch |> unscaledConfidence
    ]

let private groupings =
    [
        FashionMnist, byCount
        FashionMnist, byThresholds 200 50
        Cifar100, byRange
        FashionMnist |> stepImbalance 10., byStep
    ]

/// Each part of the language at least once.
let private samples =
    [
        for dataset in datasets -> with' (fun e -> { e with Dataset = dataset })
        for dataset in filed ->
            with' (fun e ->
                { e with
                    Dataset = dataset
                    Input = publishedImageNet
                })
        for input in inputs -> with' (fun e -> { e with Input = input })
        for model in models -> with' (fun e -> { e with Model = model })
        for loss in losses -> with' (fun e -> { e with Loss = loss })
        for optimizer in optimizers ->
            with' (fun e ->
                { e with
                    Optimizer = optimizer
                    Loss = gcl 25. |> deferReweighting 4<epoch>
                })
        for schedule in schedules -> with' (fun e -> { e with Schedule = schedule })
        for sampling in samplings -> with' (fun e -> { e with Sampling = sampling })
        for evaluation in evaluations -> with' (fun e -> { e with Evaluation = evaluation })
        for dataset, groups in groupings ->
            with' (fun e ->
                { e with
                    Dataset = dataset
                    Groups = Some groups
                })
        yield with' (fun e -> { e with Batch = 32; Seed = 7L })
    ]

/// Any of the parts beside any other, where they go together.
let private drawn =
    gen {
        let! dataset = Gen.elements (datasets @ filed)
        let! input = Gen.elements inputs
        let! model = Gen.elements models
        let! loss = Gen.elements losses
        let! optimizer = Gen.elements optimizers
        let! schedule = Gen.elements schedules
        let! sampling = Gen.elements samplings
        let! evaluation = Gen.elements evaluations

        return
            { plain with
                Dataset = dataset
                Input = input
                Model = model
                Loss = loss
                Optimizer = optimizer
                Schedule = schedule
                Sampling = sampling
                Evaluation = evaluation
            }
    }
    |> Gen.filter (resolved >> Result.isOk)

let private script parts =
    [
        for index, parts in List.indexed parts do
            $"experiment \"e{index}\" {{"

            for word: string, said: string in parts do
                $"    {word} ({said})"

            "}"
            "|> run"
    ]
    |> String.concat "\n"

/// The experiments of a script that is compiled as a person's is.
let private compiled text =
    inTempFolder (fun folder ->
        let file = Path.Combine(folder, "written.fsx")

        let language =
            Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../../experiments/longtail.fsx"))

        File.WriteAllText(file, $"#load \"{language}\"\nopen LongTail\n{text}\n")
        let requests = ResizeArray()

        match Command.read Command.run [ file ] with
        | Ok(Some given) ->
            Session.enter
                {
                    Script = Some file
                    Given = given
                    Hear = Some requests.Add
                }
        | other -> failtest $"%A{other}"

        let program = ScriptFile.compiled file

        try
            ScriptFile.run program
        finally
            Directory.Delete(Path.GetDirectoryName program |> string, true)

        [
            for request in requests do
                match request with
                | Run sweep -> one sweep
                | _ -> ()
        ])

/// What is so where nothing is said, or left to the file of weights.
let private unwritten =
    set [ "imageNet"; "augmented"; "drawnHead"; "none"; "heads"; "gelu" ]

let private keywords =
    let modules =
        [
            "Datasets"
            "Inputs"
            "Models"
            "Losses"
            "Optimizers"
            "Schedules"
            "Samplings"
            "Evaluations"
            "Groupings"
        ]

    [
        for name in modules do
            match typeof<Experiment>.Assembly.GetType($"LongTail.{name}") with
            | null -> failtest $"no module {name}"
            | found ->
                for one in found.GetMembers(BindingFlags.Public ||| BindingFlags.Static) do
                    if not (one.Name.StartsWith "get_") then
                        one.Name
    ]
    |> set

[<Tests>]
let tests =
    testSequenced
    <| testList
        "written settings"
        [
            testCase "the parts of an experiment are said as its author would" (fun () ->
                let e =
                    { plain with
                        Dataset = FashionMnist |> longTailed 100. |> imagesPerClass 600
                        Input = side 32 |> crop 2 |> normalise cifar
                        Model =
                            vit "weights/vit-mini.safetensors"
                            |> deepPrompts 10
                            |> cosineHead
                            |> classMeans
                            |> bfloat16
                        Loss = gcl 25. |> deferReweighting 4<epoch>
                        Optimizer = sgd 0.02 |> momentum 0.9 |> weightDecay 1e-3 |> gnm 0.005
                    }

                let named =
                    holding
                        { backboneFile with
                            File = "weights/vit-mini.safetensors"
                        }

                match Validation.check named e with
                | Error problems -> failtest $"%A{problems}"
                | Ok sound ->
                    Expect.equal
                        (Written.parts (Experiment.groups e) sound.Settings)
                        [
                            "dataset", "FashionMnist |> longTailed 100. |> imagesPerClass 600"
                            "input", "side 32 |> crop 2 |> normalise cifar"
                            "model",
                            "vit \"weights/vit-mini.safetensors\" |> deepPrompts 10 |> cosineHead |> classMeans |> bfloat16"
                            "loss", "gcl 25. |> deferReweighting 4<epoch>"
                            "optimizer", "sgd 0.02 |> momentum 0.9 |> weightDecay 0.001 |> gnm 0.005"
                            "schedule", "cosine 6<epoch>"
                            "sampling", "instanceSampling"
                            "evaluation", "afterLastEpoch"
                            "groups", "byCount"
                            "batch", "128"
                            "seed", "0L"
                        ]
                        "words")
            testCase "every keyword is written, but those that say what is so anyway" (fun () ->
                let words =
                    samples
                    |> List.collect written
                    |> List.collect (fun (_, said) -> [ for word in Regex.Matches(said, @"\w+") -> word.Value ])
                    |> set

                Expect.equal (keywords - words) unwritten "not written")
            testCase "what is written compiles and is the same run" (fun () ->
                let again = samples |> List.map written |> script |> compiled

                Expect.hasLength again samples.Length "experiments"

                for e, again in List.zip samples again do
                    let said = $"%A{written e}"
                    Expect.equal (Identity.canonical (settingsOf again)) (Identity.canonical (settingsOf e)) said
                    Expect.equal (Experiment.groups again) (Experiment.groups e) said)
            testProperty "what is written tells runs apart, and nothing but runs"
            <| Prop.forAll (Arb.fromGen (Gen.two drawn)) (fun (a, b) ->
                let same of' = of' a = of' b
                same (settingsOf >> Identity.hash) = same written)
            testCase "every setting is told by the words or by what files held" (fun () ->
                // A form that no experiment resolves to.
                let never (settings: RunSettings) path =
                    match List.last path with
                    | "SmoothingSettings.Exponent" ->
                        settings.Loss.Smoothing
                        |> Option.ofObj
                        |> Option.forall (fun s -> s.Shape <> SmoothingShape.Power)
                    | "ModelSettings.Readout" -> settings.Model.PromptLength = 0
                    | "AutoAugment.Policy" -> true
                    | _ -> false

                let all settings =
                    Written.parts LongTail.Core.Evaluation.CountGroups.Usual settings
                    @ Written.files settings

                for settings in IdentityTests.runs do
                    for path, changed in IdentityTests.variations settings do
                        if not (never settings path) then
                            Expect.notEqual (all (changed :?> RunSettings)) (all settings) $"{path}")
            testCase "experiments are told apart by no more words than it takes" (fun () ->
                let apart = List.map written >> Written.apart

                let under optimizer =
                    { plain with
                        Optimizer = sgd 0.02 |> momentum 0.9 |> optimizer
                    }

                Expect.equal
                    (apart [ under none; under (gnm 0.005); { under (sam 0.05) with Batch = 32 } ])
                    [
                        [ "sgd 0.02 |> momentum 0.9"; "batch 128" ]
                        [ "gnm 0.005"; "batch 128" ]
                        [ "sam 0.05"; "batch 32" ]
                    ]
                    "words"

                Expect.equal (apart [ plain; plain ]) [ []; [] ] "nothing")
            testCase "settings read back as they were kept, but for the places of files" (fun () ->
                for e in samples do
                    let settings = settingsOf e
                    use json = JsonDocument.Parse(Identity.canonical settings)
                    let kept = json.RootElement.GetProperty "settings"

                    match Identity.settings (fun member' -> $"the {member'}") kept with
                    | None -> failtest $"{settings} is not read"
                    | Some read ->
                        Expect.equal (Identity.canonical read) (Identity.canonical settings) "settings"

                        match read.Model.Backbone, read.Data.Source with
                        | (:? PretrainedBackbone as backbone), (:? ClassFolders as folders) ->
                            Expect.equal
                                (backbone.File, folders.Train)
                                ("the PretrainedBackbone.File", "the ClassFolders.Train")
                                "places"
                        | _ -> ())
            testTheory "settings of another version are not read" [ "{}"; "[]"; "{\"Data\": 1}" ] (fun text ->
                use json = JsonDocument.Parse text
                Expect.isNone (Identity.settings id json.RootElement) text)
        ]
