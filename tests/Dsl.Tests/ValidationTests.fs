/// All that is wrong, at once, with its place.
module LongTail.Tests.ValidationTests

open System
open System.IO
open Expecto
open LongTail.Tests.TempFolder
open LongTail
open LongTail.Core.Settings
open LongTail.Tests.Samples

let private fields experiment =
    match check experiment with
    | Ok _ -> []
    | Error problems -> problems |> List.map _.Field

/// One thing wrong with the prompting experiment, and the field that must be named.
let private mistakes: (string * (Experiment -> Experiment)) list =
    [
        "imbalance factor",
        (fun e ->
            { e with
                Experiment.Dataset.ImbalanceFactor = 0.5
            })
        "imbalance factor",
        (fun e ->
            { e with
                Dataset = e.Dataset |> longTailed 601.
            })
        "imbalance factor",
        (fun e ->
            { e with
                Dataset = e.Dataset |> stepImbalance 601.
            })
        "images per class",
        (fun e ->
            { e with
                Dataset = e.Dataset |> imagesPerClass 6001
            })
        "images per class",
        (fun e ->
            { e with
                Dataset = e.Dataset |> imagesPerClass 0
            })
        "test images",
        (fun e ->
            { e with
                Dataset = e.Dataset |> testImages 1001
            })
        "test images",
        (fun e ->
            { e with
                Dataset = e.Dataset |> testImages 0
            })
        "crop padding", (fun e -> { e with Input = e.Input |> crop -1 })
        "normalise deviation",
        (fun e ->
            { e with
                Experiment.Input.Normalisation.Deviation = Rgb(1., 0., 1.)
            })
        "side", (fun e -> { e with Input = side 30 })
        "side", (fun e -> { e with Input = side 0 })
        "side", (fun e -> { e with Input = side 1032 })
        "resize", (fun e -> { e with Input = side 100_000 })
        "resize", (fun e -> { e with Input = side Int32.MaxValue })
        "resizeShort",
        (fun e ->
            { e with
                Input = decode |> resizeShort 100_000 |> centreCrop 32
            })
        "randomResizedCrop",
        (fun e ->
            { e with
                Input = decode |> randomResizedCrop 5000 |> resize 32
            })
        "batch", (fun e -> { e with Batch = 60_001 })
        "epochs",
        (fun e ->
            { e with
                Experiment.Schedule.Epochs = 2_000_000_000<epoch>
            })
        "prompts",
        (fun e ->
            { e with
                Model = e.Model |> deepPrompts 2_000_000_000
            })
        "randAugment operations",
        (fun e ->
            { e with
                Input = decode |> randAugment 1_000_000_000 9
            })
        "crop padding", (fun e -> { e with Input = side 32 |> crop 28 })
        "cutout", (fun e -> { e with Input = decode |> cutout 0 })
        "cutout", (fun e -> { e with Input = decode |> cutout 29 })
        "randAugment operations",
        (fun e ->
            { e with
                Input = decode |> randAugment 0 9
            })
        "randAugment magnitude",
        (fun e ->
            { e with
                Input = decode |> randAugment 2 31
            })
        "colourJitter",
        (fun e ->
            { e with
                Input = decode |> colourJitter 0. 0. 0.
            })
        "colourJitter",
        (fun e ->
            { e with
                Input = decode |> colourJitter 0.4 -0.1 0.4
            })
        "side",
        (fun e ->
            { e with
                Input = decode |> randomResizedCrop 28
            })
        "side",
        (fun e ->
            { e with
                Input = side 32 |> testing (resize 36)
            })
        "centreCrop",
        (fun e ->
            { e with
                Input = side 32 |> testing (centreCrop 32)
            })
        "testing",
        (fun e ->
            { e with
                Input = side 32 |> testing (flip >> resize 32)
            })
        "resize", (fun e -> { e with Input = side 32 |> cutout 8 })
        "flip",
        (fun e ->
            { e with
                Experiment.Input.Train = [ Transform.Flip; Transform.Flip ]
            })
        "randomResizedCrop area",
        (fun e ->
            { e with
                Experiment.Input.Train = [ Transform.RandomResizedCrop(32, 0., 1.) ]
            })
        "randomResizedCrop aspect",
        (fun e ->
            { e with
                Experiment.Input.Train = [ Transform.RandomResizedCrop(32, 0.5, 0.5) ]
            })
        "prompts",
        (fun e ->
            { e with
                Model = e.Model |> deepPrompts -1
            })
        "readout",
        (fun e ->
            { e with
                Model =
                    { e.Model with
                        PromptLength = 0
                        Readout = Some Readout.ClsAndPrompts
                    }
            })
        "head",
        (fun e ->
            { e with
                Model = e.Model |> linearHead
                Loss = crossEntropy
            })
        "loss",
        (fun e ->
            { e with
                Model = e.Model |> drawnHead |> linearHead
            })
        "gcl margin",
        (fun e ->
            { e with
                Experiment.Loss.Kind = GaussianClouded(-0.1, 1.)
            })
        "gcl margin",
        (fun e ->
            { e with
                Experiment.Loss.Kind = GaussianClouded(2., 1.)
            })
        "gcl noise",
        (fun e ->
            { e with
                Experiment.Loss.Kind = GaussianClouded(0.1, -1.)
            })
        "loss scale", (fun e -> { e with Loss = e.Loss |> scaled 0. })
        "re-weighting from epoch",
        (fun e ->
            { e with
                Loss = e.Loss |> deferReweighting 6<epoch>
            })
        "re-weighting from epoch",
        (fun e ->
            { e with
                Loss = e.Loss |> deferReweighting -1<epoch>
            })
        "re-weighting from epoch",
        (fun e ->
            { e with
                Loss = e.Loss |> deferReweighting 1<epoch>
            })
        "beta",
        (fun e ->
            { e with
                Experiment.Loss.Reweighting = Some { From = 4<epoch>; Beta = 1. }
            })
        "learning rate",
        (fun e ->
            { e with
                Experiment.Optimizer.LearningRate = -0.01
            })
        "weight decay",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> weightDecay -1e-3
            })
        "momentum",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> momentum 1.
            })
        "momentum",
        (fun e ->
            { e with
                Optimizer = adamW 1e-3 |> momentum 0.9
            })
        "sam rho",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> sam -0.05
            })
        "gnm radius",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> gnm -0.005
            })
        "halving every",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> perturbed (Gnm(0.005, Every 0<epoch>, false))
            })
        "warm-up",
        (fun e ->
            { e with
                Schedule = e.Schedule |> warmUp 6<epoch>
            })
        "warm-up",
        (fun e ->
            { e with
                Schedule = e.Schedule |> warmUp -1<epoch>
            })
        "asam rho",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> asam -1.
            })
        "imbSam rho",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> imbSam -1.
            })
        "imbSam tail below",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> perturbed (ImbSam(0.05, 0))
            })
        "focalSam rho",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> focalSam -0.05 1. 1.
            })
        "focalSam gamma",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> focalSam 0.05 -1. 1.
            })
        "focalSam sharpness",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> focalSam 0.05 1. -1.
            })
        "lpfSgd deviation",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> lpfSgd -0.1 4
            })
        "lpfSgd draws",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> lpfSgd 0.1 0
            })
        "lpfSgd draws",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> lpfSgd 0.1 129
            })
        "lpfSgd growth",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> perturbed (LpfSgd(0.1, 1, 0.))
            })
        "rwp deviation",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> rwp -0.1
            })
        "rwp mix",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> perturbed (Rwp(0.1, 1.1))
            })
        "halving",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> perturbed (Gnm(0.005, PublishedOff, false))
            })
        "rate factor",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> rateTimes -1. Head
            })
        "radius factor",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> radiusTimes -1. Prompts
            })
        "clip norm",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> clipped 0.
            })
        "average decay",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> averaged 1.
            })
        "micro-batches",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> microBatches 0
            })
        "micro-batches",
        (fun e ->
            { e with
                Optimizer = e.Optimizer |> microBatches 129
            })
        "nesterov",
        (fun e ->
            { e with
                Optimizer = sgd 0.1 |> nesterov
            })
        "nesterov",
        (fun e ->
            { e with
                Optimizer = adamW 0.1 |> nesterov
            })
        "ldam margin",
        (fun e ->
            { e with
                Loss = { ldam 30. with Kind = Ldam(2., false) }
            })
        "logitAdjusted tau", (fun e -> { e with Loss = logitAdjusted -1. })
        "smoothing",
        (fun e ->
            { e with
                Loss = crossEntropy |> labelSmoothing 1.
            })
        "smoothing",
        (fun e ->
            { e with
                Loss = crossEntropy |> labelAwareSmoothing Convex 0.4 -0.1
            })
        "smoothing power",
        (fun e ->
            { e with
                Loss = crossEntropy |> labelAwareSmoothing (Power 0.) 0.4 0.1
            })
        "focal gamma",
        (fun e ->
            { e with
                Loss = crossEntropy |> focal -1.
            })
        "post-hoc tau",
        (fun e ->
            { e with
                Loss = crossEntropy |> adjustedPostHoc -1.
            })
        "beta",
        (fun e ->
            { e with
                Loss = crossEntropy |> classBalanced 1.
            })
        "loss",
        (fun e ->
            { e with
                Model = e.Model |> drawnHead |> linearHead
                Loss = ldam 30.
            })
        "dropout", (fun e -> { e with Model = e.Model |> dropout 1. })
        "sampling beta",
        (fun e ->
            { e with
                Sampling = effectiveNumberSampling 1.
            })
        "sampling power",
        (fun e ->
            { e with
                Sampling = Sampling.ClassPower -1000.
            })
        "sampling power",
        (fun e ->
            { e with
                Sampling = Sampling.ClassPower 10.1
            })
        "classAwareSampling",
        (fun e ->
            { e with
                Sampling = classAwareSampling 0
            })
        "re-sampling from epoch",
        (fun e ->
            { e with
                Sampling = instanceSampling |> deferResampling 0<epoch> squareRootSampling
            })
        "re-sampling from epoch",
        (fun e ->
            { e with
                Sampling = instanceSampling |> deferResampling 6<epoch> squareRootSampling
            })
        "sampling",
        (fun e ->
            { e with
                Sampling =
                    instanceSampling
                    |> deferResampling 2<epoch> squareRootSampling
                    |> deferResampling 4<epoch> classBalancedSampling
            })
        "batch", (fun e -> { e with Batch = 0 })
    ]

/// The same for the experiment that draws its backbone.
let private drawnMistakes: (string * ((VitShape -> VitShape) * (Model -> Model))) list =
    [
        "patch size", ((fun s -> { s with PatchSize = 0 }), id)
        "side", ((fun s -> { s with InputSide = 30 }), id)
        // More patches than attention can compare; the next one's are as many as it may.
        "side", ((fun s -> { s with InputSide = 100_000 }), id)
        "side", ((fun s -> { s with InputSide = 1032 }), id)
        "width", ((fun s -> { s with Width = 1_000_000; Heads = 1 }), id)
        "width", ((fun s -> { s with Depth = Int32.MaxValue }), id)
        "depth", ((fun s -> { s with Depth = 0 }), id)
        "heads", ((fun s -> { s with Heads = 3 }), id)
        "heads", ((fun s -> { s with Heads = 0 }), id)
        "head", (id, classMeans)
        "prompts", (id, deepPrompts 3)
        "tuning", (id, tuning Tuning.HeadOnly)
        "activation", (id, gelu)
        "heads", (id, heads 2)
    ]

/// A test for each case, which holds functions: what a theory cannot tell apart.
let private forEach name (cases: (string * 'case) list) (test: string -> 'case -> unit) =
    testList
        name
        [
            for i, (field, case) in List.indexed cases -> testCase $"{i + 1}, {field}" (fun () -> test field case)
        ]

let private finite =
    let settings: (string * (float -> Experiment -> Experiment)) list =
        [
            "imbalance factor",
            (fun x e ->
                { e with
                    Experiment.Dataset.ImbalanceFactor = x
                })
            "normalise mean",
            (fun x e ->
                { e with
                    Experiment.Input.Normalisation.Mean = Rgb(0., x, 0.)
                })
            "loss scale", (fun x e -> { e with Loss = e.Loss |> scaled x })
            "gcl noise",
            (fun x e ->
                { e with
                    Experiment.Loss.Kind = GaussianClouded(0.1, x)
                })
            "beta",
            (fun x e ->
                { e with
                    Experiment.Loss.Reweighting = Some { From = 4<epoch>; Beta = x }
                })
            "learning rate",
            (fun x e ->
                { e with
                    Experiment.Optimizer.LearningRate = x
                })
            "momentum",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> momentum x
                })
            "sam rho",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> sam x
                })
            "lpfSgd growth",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> perturbed (LpfSgd(0.1, 4, x))
                })
            "weight decay",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> weightDecay x
                })
            "clip norm",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> clipped x
                })
            "average decay",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> averaged x
                })
            "rate factor",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> rateTimes x Head
                })
            "radius factor",
            (fun x e ->
                { e with
                    Optimizer = e.Optimizer |> radiusTimes x Head
                })
            "dropout", (fun x e -> { e with Model = e.Model |> dropout x })
            "ldam margin",
            (fun x e ->
                { e with
                    Experiment.Loss.Kind = Ldam(x, false)
                })
            "logitAdjusted tau", (fun x e -> { e with Loss = logitAdjusted x })
            "smoothing",
            (fun x e ->
                { e with
                    Loss = e.Loss |> labelSmoothing x
                })
            "smoothing power",
            (fun x e ->
                { e with
                    Loss = e.Loss |> labelAwareSmoothing (Power x) 0.4 0.1
                })
            "focal gamma", (fun x e -> { e with Loss = e.Loss |> focal x })
            "post-hoc tau",
            (fun x e ->
                { e with
                    Loss = e.Loss |> adjustedPostHoc x
                })
            "sampling power",
            (fun x e ->
                { e with
                    Sampling = Sampling.ClassPower x
                })
            "sampling beta",
            (fun x e ->
                { e with
                    Sampling = effectiveNumberSampling x
                })
        ]

    // Minus infinity breaks most fields' own rules too: one problem means that both have one name.
    forEach "a number that is none is one problem, by its name" settings (fun field set ->
        for number in [ nan; infinity; -infinity; 1e300; -1e300 ] do
            Expect.equal (fields (set number (unsaid (one prompting)))) [ field ] $"{number}")

[<Tests>]
let tests =
    testList
        "validation"
        [
            testCase "a sound experiment has no problem and no warning" (fun () ->
                for sound in [ unsaid (one prompting); one pretraining ] do
                    Expect.isEmpty (fields sound) "problems"
                    Expect.isEmpty (warnings sound) "warnings")
            forEach "one mistake is one problem, at its field" mistakes (fun field mistake ->
                Expect.equal (fields (mistake (unsaid (one prompting)))) [ field ] "fields")
            forEach
                "one mistake in a drawn backbone is one problem, at its field"
                drawnMistakes
                (fun field (reshape, mistake) ->
                    let e = one pretraining

                    match e.Model.Backbone with
                    | Pretrained _ -> failtest "the sample draws its backbone"
                    | Drawn shape ->
                        let model =
                            { e.Model with
                                Backbone = Drawn(reshape shape)
                            }
                            |> mistake

                        Expect.equal (fields { e with Model = model }) [ field ] "fields")
            testCase
                "no epochs and a rate of 0 are no problem, also where something begins later; a warm-up into none is"
                (fun () ->
                    let untrained =
                        { one prompting with
                            Schedule = cosine 0<epoch>
                        }

                    Expect.isEmpty (fields untrained) "no epochs"

                    Expect.isEmpty
                        (fields
                            { one prompting with
                                Experiment.Optimizer.LearningRate = 0.
                            })
                        "no rate"

                    Expect.equal
                        (fields
                            { untrained with
                                Experiment.Schedule.Epochs = -1<epoch>
                            })
                        [ "epochs" ]
                        "fewer than none"

                    Expect.equal
                        (fields
                            { untrained with
                                Experiment.Schedule.Warmup = 1<epoch>
                            })
                        [ "warm-up" ]
                        "a warm-up")
            testCase "a batch has at most the images that are learnt from" (fun () ->
                let sized batch =
                    { one prompting with
                        Dataset = FashionMnist |> longTailed 10. |> imagesPerClass 20
                        Batch = batch
                    }

                // 20, 15, 11, 9, 7, 5, 4, 3, 2 and 2.
                Expect.isEmpty (fields (sized 78)) "all"

                match check (sized 79) with
                | Error [ problem ] ->
                    Expect.stringContains
                        (string problem)
                        "batch 79: is more than the 78 images of an epoch"
                        "one more"

                    Expect.equal problem.Remedy "give 1 to 78" "remedy"
                | other -> failtest $"%A{other}")
            testCase "a learning rate beyond float32 is no number to compute with" (fun () ->
                match
                    check
                        { one prompting with
                            Optimizer = sgd 1e300
                        }
                with
                | Error [ problem ] ->
                    Expect.equal problem.Field "learning rate" "field"
                    Expect.equal problem.Fault "is not finite in float32" "fault"
                | other -> failtest $"%A{other}")
            testCase "an imbalance below 1 is offered its inverse, and one that has none is not" (fun () ->
                for factor, remedy in
                    [
                        0.01, "give 100?"
                        0., "give 1 to take every class as it is"
                        -3., "give 1 to take every class as it is"
                    ] do
                    let e = unsaid (one prompting)

                    match
                        check
                            { e with
                                Dataset = e.Dataset |> longTailed factor
                            }
                    with
                    | Error [ problem ] -> Expect.equal problem.Remedy remedy $"{factor}"
                    | other -> failtest $"%A{other}")
            testCase "seven mistakes are seven problems at once" (fun () ->
                let e = unsaid (one prompting)

                let wrong =
                    { e with
                        Dataset = e.Dataset |> longTailed 0.01
                        Input = side 33
                        Model = e.Model |> deepPrompts -2
                        Loss = e.Loss |> deferReweighting 60<epoch>
                        Optimizer = sgd -1. |> sam -0.05
                        Batch = 0
                    }

                Expect.equal
                    (fields wrong |> List.sort)
                    (List.sort
                        [
                            "imbalance factor"
                            "side"
                            "prompts"
                            "re-weighting from epoch"
                            "learning rate"
                            "sam rho"
                            "batch"
                        ])
                    "fields")
            finite
            testCase
                "the activation is said where CLIP's file does not tell it, and not otherwise where it does"
                (fun () ->
                    let e = unsaid (one prompting)

                    let fields told say =
                        match
                            Validation.check
                                (holding { backboneFile with Activation = told })
                                { e with Model = say e.Model }
                        with
                        | Ok _ -> []
                        | Error problems -> problems |> List.map _.Field

                    let exact = Some Activation.Gelu
                    Expect.equal (fields None id) [ "activation" ] "not said"
                    Expect.equal (fields None quickGelu) [] "said"
                    Expect.equal (fields exact quickGelu) [ "activation" ] "said otherwise"
                    Expect.equal (fields exact gelu) [] "said again")
            forEach
                "heads are said where no file and no published size tells them, and not otherwise where a file does"
                [
                    "nobody tells", ((None, None, id), [ "heads" ])
                    "said", ((None, None, heads 3), [])
                    "said, and they do not divide", ((None, None, heads 5), [ "heads" ])
                    "said to be none", ((None, None, heads 0), [ "heads" ])
                    "told", ((Some 3, None, id), [])
                    "told and said", ((Some 3, None, heads 3), [])
                    "said otherwise", ((Some 3, None, heads 6), [ "heads" ])
                    "published", ((None, Some 3, id), [])
                    "said otherwise than published", ((None, Some 3, heads 6), [])
                ]
                (fun _ ((told, published, say), expected) ->
                    let e = one prompting

                    let file =
                        { backboneFile with
                            ToldHeads = told
                            PublishedHeads = published
                        }

                    match Validation.check (holding file) { e with Model = say e.Model } with
                    | Ok _ -> Expect.isEmpty expected "sound"
                    | Error problems ->
                        Expect.equal (problems |> List.map _.Field) expected "fields"

                        for problem in problems do
                            Expect.stringContains (string problem) "some.safetensors" "which weights")
            testCase "heads that metadata tell in words are told, and the script's decide" (fun () ->
                let file =
                    { backboneFile with
                        ToldHeads = None
                        UnreadHeads = Some "abc"
                    }

                let check e =
                    match Validation.check (holding file) e with
                    | Ok sound -> Choice1Of2 sound.Settings
                    | Error problems -> Choice2Of2(List.map string problems)

                let e = one prompting

                Expect.equal
                    (check e)
                    (Choice2Of2
                        [
                            "prompting: heads: are no number in the metadata of some.safetensors, which say heads = 'abc'; say them in the script as its authors publish them, as in heads 16: that decides"
                        ])
                    "what stands there"

                match check { e with Model = heads 6 e.Model } with
                | Choice1Of2 _ -> ()
                | Choice2Of2 problems -> failtest $"%A{problems}")
            testCase "an empty name of weights, a list or a class folder is told as such" (fun () ->
                let find =
                    match Command.read (Option.get (Command.named "plan")) [] with
                    | Ok(Some given) -> Session.find (Session.bare given)
                    | other -> failtest $"%A{other}"

                let told e =
                    match Validation.check (Sources.at find Place.here) (one e |> unsaid) with
                    | Ok _ -> []
                    | Error problems -> List.map string problems

                Expect.equal
                    (told (prompting |> Sweep.map (fun e -> { e with Model = vit "" })))
                    [
                        "prompting: weights: the name is empty; give the path of a Vision Transformer's safetensors file"
                    ]
                    "weights"

                let on source =
                    pretraining
                    |> Sweep.map (fun e ->
                        { e with
                            Dataset = source
                            Input = decode |> randomResizedCrop 32
                        })

                for source, what in [ classFolders "" " ", "folder"; listFiles "" " ", "list" ] do
                    Expect.hasLength (told (on source)) 1 what

                    Expect.stringEnds
                        (told (on source)).Head
                        $": the name of the {what} to learn from is empty: give it in the script; the name of the {what} to judge by is empty: give it in the script"
                        what)
            testCase "empty image files are told before a run, and passed over where broken ones are" (fun () ->
                let holding learn judge =
                    { sources with
                        Data =
                            fun source ->
                                let files = dataFiles "" source
                                let facts = files.Facts

                                Ok
                                    { files with
                                        Facts =
                                            LongTail.Core.Data.DataFacts(
                                                facts.Train,
                                                facts.Test,
                                                facts.Side,
                                                "",
                                                [||],
                                                EmptyToLearn = learn,
                                                EmptyToJudge = judge
                                            )
                                    }
                    }

                let lists =
                    { one prompting with
                        Name = "e"
                        Dataset = listFiles "train.txt" "test.txt"
                    }

                let skipping =
                    { lists with
                        Dataset = skipBroken lists.Dataset
                    }

                let told sources e =
                    match Validation.check sources e with
                    | Ok _ -> []
                    | Error problems -> problems |> List.map string |> List.filter _.Contains("empty")

                let first = holding [| "/x/1.jpg" |] [||]
                let many = holding [||] [| for i in 1..7 -> $"{i}.jpg" |]

                Expect.equal
                    (told first lists)
                    [
                        "e: images to learn from: hold 1 empty file: /x/1.jpg; replace or remove them, or say skipBroken"
                    ]
                    "to learn from"

                Expect.isEmpty (told first skipping) "passed over"

                Expect.contains
                    (Validation.warnings first skipping |> List.map string)
                    "e: skipBroken: passes over 1 empty file: /x/1.jpg; replace them where that is not meant"
                    "with a note"

                for e in [ lists; skipping ] do
                    Expect.equal
                        (told many e)
                        [
                            "e: images to judge by: hold 7 empty files: 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg and 2 more; replace or remove them"
                        ]
                        "to judge by")
            testCase "a weights file that cannot be read is a problem with its path" (fun () ->
                let nowhere name =
                    Error $"there is no such file or folder as {name}"

                let problems =
                    match Validation.check (Sources.at nowhere Place.here) (unsaid (one prompting)) with
                    | Ok _ -> []
                    | Error problems -> problems

                Expect.equal
                    (problems |> List.map (fun p -> p.Field, p.Value))
                    [ "weights", "some.safetensors" ]
                    "problem"

                Expect.stringContains problems.Head.Fault "there is no such file" "fault")
            testCase "what is missing of a data set is told with the remedy that helps, and with no other" (fun () ->
                inTempFolder (fun folder ->
                    let at name = Path.Combine(folder, name)

                    for image in [ "train/a/1.png"; "val/a/1.png" ] do
                        Directory.CreateDirectory(string (Path.GetDirectoryName(at image))) |> ignore
                        File.WriteAllText(at image, "")

                    Directory.CreateDirectory(at "train/b") |> ignore

                    let find (name: string) =
                        if Path.Exists(at name) then
                            Ok(at name)
                        else
                            Error "there is no such file or folder"

                    for train, test, line in
                        [
                            "train",
                            "vall",
                            "vall: there is no such file or folder: mend its path in the script, or name with --data a folder that holds it"
                            "train", "/vall", "/vall: there is no such file or folder: mend its path in the script"
                            "train",
                            "val",
                            $"""{at "train"}: no image (JPEG, PNG, WebP, BMP or GIF) in b: remove the folder, or fill it"""
                        ] do
                        let e =
                            { one pretraining with
                                Dataset = classFolders train test
                            }

                        match Validation.check (Sources.at find Place.here) e with
                        | Error problems ->
                            Expect.equal (string (List.last problems)) $"pretraining: data train: {line}" line
                        | Ok _ -> failtest line

                    for set in LongTail.Core.Data.ResidentSet.All do
                        Expect.stringContains
                            (inputError (fun () -> set.FilesIn folder))
                            $"`longtail data get {set.Set.ToString().ToLowerInvariant()}`"
                            "what fetches it"))
            testCase "a problem is one line with experiment, field, value and remedy" (fun () ->
                match
                    check
                        { unsaid (one prompting) with
                            Batch = 0
                        }
                with
                | Error [ problem ] ->
                    Expect.equal
                        (string problem)
                        "prompting: batch 0: is below 1; give the images of a step, 128 or so"
                        "line"
                | other -> failtest $"%A{other}")
            testTheory "a place that is none is a problem" [ "gpu"; "cuda:"; "cpu:0"; "" ] (fun device ->
                Expect.equal
                    (Place.errors { Place.here with Device = device } |> List.map _.Field)
                    [ "--device" ]
                    "field")
            testTheory "devices" [ "cpu"; "cuda"; "cuda:3" ] (fun device ->
                Expect.isEmpty (Place.errors { Place.here with Device = device }) "problems")
            testTheory
                "a run has a core at least, and no more than there are"
                [ 0, 1; 1, 0; Place.here.Threads, 0; Place.here.Threads + 1, 1 ]
                (fun (threads, problems) ->
                    Expect.equal
                        (Place.errors { Place.here with Threads = threads } |> List.map _.Field)
                        (List.replicate problems "--threads")
                        $"{threads} threads")
        ]
