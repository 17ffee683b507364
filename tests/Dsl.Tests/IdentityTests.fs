/// A run is named by everything that determines its numbers.
module LongTail.Tests.IdentityTests

open System
open System.Reflection
open System.Text.Json
open Expecto
open LongTail
open LongTail.Core.Settings
open LongTail.Tests.Samples

/// A value of the same type that is another one.
let private another (kind: Type) (value: objnull) : objnull =
    match value with
    | :? float as x -> box (Math.BitIncrement x)
    | :? bool as b -> box (not b)
    | :? string as s -> box (s + "x")
    | :? int64 as n -> box (n + 1L)
    | :? uint32 as n -> box (n + 1u)
    | :? int as n -> box (n + 1)
    | :? Enum as case ->
        Enum.GetValues(kind)
        |> Seq.cast<obj>
        |> Seq.tryFind (fun other -> not (other.Equals case))
        // Where the type has but one, one that it will have.
        |> Option.defaultWith (fun () -> Enum.ToObject(kind, 1))
    | null when kind = typeof<Nullable<int>> -> box 1
    | null when kind = typeof<Nullable<float>> -> box 1.
    | _ -> failtest $"no other value of {kind}"

/// Every record that differs from this one in a single member, with the path to it.
let rec variations (record: obj) : (string list * obj) list =
    let kind = record.GetType()

    let constructor' =
        kind.GetConstructors() |> Array.maxBy (fun c -> c.GetParameters().Length)

    let parameters = constructor'.GetParameters()

    let values =
        parameters
        |> Array.map (fun p ->
            match p.Name |> Option.ofObj |> Option.bind (kind.GetProperty >> Option.ofObj) with
            | Some property -> property.GetValue record
            | None -> failtest $"{kind} has no property {p.Name}")

    [
        for i, parameter in Array.indexed parameters do
            let changed =
                match values[i] with
                | :? (TransformSettings seq) as list -> listVariations (Array.ofSeq list)
                | null when parameter.ParameterType.Namespace = kind.Namespace -> []
                | value when
                    parameter.ParameterType.Namespace = kind.Namespace
                    && not parameter.ParameterType.IsEnum
                    ->
                    variations (Unchecked.nonNull value)
                | value -> [ [], Unchecked.nonNull (another parameter.ParameterType value) ]

            for path, value in changed do
                let copy = Array.copy values
                copy[i] <- value
                $"{kind.Name}.{parameter.Name}" :: path, constructor'.Invoke copy
    ]

and private listVariations (list: TransformSettings array) =
    [
        for i, item in Array.indexed list do
            for path, changed in variations item do
                let copy = Array.copy list
                copy[i] <- changed :?> TransformSettings
                path, copy :> obj

        [ "shorter" ], list[1..] :> obj
        [ "longer" ], [| RandomFlip() :> TransformSettings; yield! list |] :> obj
        if list.Length > 1 then
            [ "reversed" ], Array.rev list :> obj
    ]

/// On a file of CLIP's, which does not tell its activation.
let private ofClip activation =
    let e = one prompting

    match Validation.check (holding { backboneFile with Activation = None }) { e with Model = activation e.Model } with
    | Ok sound -> sound.Settings
    | Error problems -> failtest $"%A{problems}"

let runs =
    let e = one prompting

    let perturbed =
        [
            sam 0.05
            asam 0.5
            imbSam 0.05
            focalSam 0.05 5.5 0.8
            lpfSgd 0.001 4
            rwp 0.01
        ]

    [
        e
        one pretraining
        { e with
            Optimizer = adamW 1e-3 |> clipped 1. |> averaged 0.99
            Loss = balancedSoftmax |> focal 1. |> labelSmoothing 0.1 |> classBalanced 0.999
            Sampling = progressiveSampling |> deferResampling 3<epoch> (classAwareSampling 4)
            Model = e.Model |> dropout 0.1
        }
        { e with
            Loss = ldam 30. |> adjustedPostHoc 1.
            Sampling = effectiveNumberSampling 0.99 |> deferResampling 3<epoch> squareRootSampling
            Input = side 32 |> withoutCrop |> testing (resizeShort 48 >> centreCrop 32)
        }
        { e with
            Input =
                decode
                |> randomResizedCrop 24
                |> crop 2
                |> flip
                |> autoAugment cifar10Policy
                |> randAugment 2 9
                |> colourJitter 0.4 0.3 0.2
                |> cutout 8
                |> resize 32
        }
        for perturb in perturbed do
            perturbation.Set perturb e
        for files in [ listFiles "train.txt" "test.txt"; classFolders "train" "val" ] do
            { e with
                Dataset = files |> packed 256 |> skipBroken
                Input = publishedImageNet
            }
    ]
    |> List.map settingsOf
    |> List.append [ ofClip quickGelu ]

/// Every record that a run's settings may hold, with its members.
let private members =
    let settings = typeof<RunSettings>.Assembly.GetTypes()

    set
        [
            for kind in settings do
                if
                    kind.Namespace = typeof<RunSettings>.Namespace
                    && not kind.IsAbstract
                    && not kind.IsEnum
                    && kind <> typeof<RunPlace>
                then
                    for property in kind.GetProperties(BindingFlags.Public ||| BindingFlags.Instance) do
                        $"{kind.Name}.{property.Name}"
        ]

let private hashes = List.map Identity.hash

[<Tests>]
let tests =
    testList
        "identity"
        [
            testCase "every field changes the name, but where files lie" (fun () ->
                let places =
                    set
                        [
                            "PretrainedBackbone.File"
                            "ListedImages.Train"
                            "ListedImages.Test"
                            "ClassFolders.Train"
                            "ClassFolders.Test"
                        ]

                for run in runs do
                    for path, changed in variations run do
                        let same = Identity.hash (changed :?> RunSettings) = Identity.hash run
                        Expect.equal same (places.Contains(List.last path)) $"{path}")
            testCase "the walk over the fields sees every one that settings have" (fun () ->
                let seen = runs |> List.collect (variations >> List.collect fst) |> Set.ofList
                Expect.isEmpty (members - seen) "not seen")
            testCase "what differs by its case alone has another name" (fun () ->
                let named perturb =
                    Identity.hash (
                        settingsOf
                            { one pretraining with
                                Optimizer = sgd 0.1 |> perturb
                            }
                    )

                let names =
                    [
                        none
                        sam 0.05
                        asam 0.05
                        gnm 0.05
                        perturbed (Gnm(0.05, Every 2<epoch>, false))
                        perturbed (Gnm(0.05, PublishedOff, true))
                    ]
                    |> List.map named

                Expect.equal (List.distinct names) names "six names")
            testCase "what no computation uses makes no other name" (fun () ->
                let e = unsaid (one prompting)

                let plain =
                    { e with
                        Optimizer = none e.Optimizer
                        Loss = gcl 25. |> focal 1.
                    }

                let same =
                    [
                        { plain with
                            Optimizer = plain.Optimizer |> radiusTimes 0.5 Head |> rateTimes 2. Backbone
                        }
                        { plain with
                            Loss = gcl 25. |> focalOfWeighted 1.
                        }
                        { plain with
                            Model = plain.Model |> dropout 0.
                        }
                        { plain with Model = gelu plain.Model }
                    ]

                for other in same do
                    Expect.equal (Identity.hash (settingsOf other)) (Identity.hash (settingsOf plain)) $"%A{other}"

                let undeferred perturb =
                    settingsOf (perturbation.Set perturb plain)

                Expect.equal (undeferred (literalGnm 0.005)) (undeferred (gnm 0.005)) "nothing halves")
            testCase "the same experiment written otherwise has the same name" (fun () ->
                let reordered =
                    experiment "another name" {
                        schedule (cosine 6<epoch>)
                        optimizer (sgd 0.0100 |> gnm 5e-3 |> weightDecay 0.001 |> momentum 0.9)
                        batch 128
                        loss (gcl 25. |> deferReweighting 4<epoch>)
                        model (vit "elsewhere/other.safetensors" |> classMeans |> cosineHead |> deepPrompts 5)
                        dataset (FashionMnist |> imagesPerClass 600 |> longTailed 100.)
                    }

                Expect.equal
                    (Identity.hash (settingsOf (one reordered)))
                    (Identity.hash (settingsOf (one prompting)))
                    "hash")
            testCase "changed data or weights re-run what stands on them, and nothing else" (fun () ->
                let sweep =
                    Sweep.union
                        (prompting |> vary dataset [ FashionMnist; Cifar10 ])
                        (pretraining |> vary dataset [ FashionMnist; Cifar10 ])

                let hashes sources =
                    Sweep.settings sweep
                    |> List.map (fun s ->
                        match Validation.check sources s.Experiment with
                        | Ok sound -> Identity.hash sound.Settings
                        | Error problems -> failtest $"%A{problems}")

                let changed changedSources =
                    List.map2 (<>) (hashes sources) (hashes changedSources)

                let data =
                    { sources with
                        Data =
                            fun source ->
                                if source = Cifar10.Source then
                                    Ok(dataFiles "other bytes" source)
                                else
                                    sources.Data source
                    }

                let weights =
                    holding
                        { backboneFile with
                            ContentHash = String.replicate 64 "1"
                        }

                Expect.equal (changed data) [ false; true; false; true ] "Cifar10's"
                Expect.equal (changed weights) [ true; true; false; false ] "those on the file")
            testCase "CLIP's activation is part of the name" (fun () ->
                Expect.notEqual (Identity.hash (ofClip gelu)) (Identity.hash (ofClip quickGelu)) "hash")
            testCase "heads and pooling are part of the name, by whoever tells them" (fun () ->
                let hash file say =
                    let e = one prompting

                    match Validation.check (holding file) { e with Model = say e.Model } with
                    | Ok sound -> Identity.hash sound.Settings
                    | Error problems -> failtest $"%A{problems}"

                let untold = { backboneFile with ToldHeads = None }
                let told = hash backboneFile id
                Expect.equal (hash untold (heads 3)) told "said"
                Expect.equal (hash { untold with PublishedHeads = Some 3 } id) told "published"

                Expect.equal
                    (hash { untold with PublishedHeads = Some 3 } (heads 6))
                    (hash untold (heads 6))
                    "said first"

                Expect.notEqual (hash untold (heads 6)) told "others"

                let averaged =
                    { backboneFile with
                        Pooling = Pooling.AverageThenNorm
                    }

                Expect.notEqual (hash averaged id) told "pooling")
            testCase "a name outlives the program that gave it" (fun () ->
                Expect.equal
                    (Identity.hash (settingsOf (one pretraining)))
                    "452dd15195d2"
                    "if this was meant, the stores of all who use LongTail run anew")
            testProperty "numbers read back as the same value" (fun (FsCheck.NormalFloat rate) ->
                let settings =
                    settingsOf
                        { one pretraining with
                            Experiment.Optimizer.LearningRate = abs rate + 1e-300
                        }

                use json = JsonDocument.Parse(Identity.canonical settings)

                let read =
                    json.RootElement
                        .GetProperty("settings")
                        .GetProperty("Optimizer")
                        .GetProperty("Base")
                        .GetProperty("LearningRate")
                        .GetDouble()

                BitConverter.DoubleToInt64Bits read = BitConverter.DoubleToInt64Bits(abs rate + 1e-300))
            testCase "members stand in the order of their names" (fun () ->
                let rec ordered (element: JsonElement) =
                    if element.ValueKind = JsonValueKind.Object then
                        let members = element.EnumerateObject() |> List.ofSeq
                        let names = members |> List.map _.Name |> List.filter ((<>) "case")

                        names = List.sortWith (fun a b -> String.CompareOrdinal(a, b)) names
                        && members |> List.forall (fun m -> ordered m.Value)
                    else
                        true

                for run in runs do
                    use json = JsonDocument.Parse(Identity.canonical run)
                    Expect.isTrue (ordered json.RootElement) (Identity.canonical run))
        ]
