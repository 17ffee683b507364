/// Agreement with the published code's numbers (golden/README.md), on any file of that form: LONGTAIL_GOLDEN.
module LongTail.Tests.GoldenReference

open System
open System.IO
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Files
open LongTail.Core.Losses
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Tests.Tensors

type private F = torch.nn.functional

let private published =
    Tensors.inputOf [] 224 (Rgb(0.4914, 0.4822, 0.4465)) (Rgb(0.2023, 0.1994, 0.2010))

let private model =
    ModelSettings(
        PretrainedBackbone("", "", 3, Activation.Gelu, Pooling.ClassToken),
        10,
        Readout.ClsAndPrompts,
        HeadKind.Cosine,
        HeadInitial.Drawn,
        Tuning.PromptsAndHead,
        null,
        Precision.Float32
    )

let private drw = DeferredReweighting(59, 0.9998)
let private counts = LongTailed.Counts(ImbalanceProfile.Exponential, 100., 500, 100)

/// The file's tensors where the suite computes.
type private Reference(file: Safetensors) =
    member _.Item
        with get (name: string) = file[name].``to``(device.Value)

    member _.Tensors = file.Tensors

let private reference = lazy Reference(Safetensors.Read(SharedData.golden ()))

let private backbone =
    lazy (Backbone.Load(pretrained (SharedData.deitTiny ()), device.Value))

/// The rows of CIFAR-100's test file that the reference names, as the model's input (R, 3, 224, 224).
let private inputOf (reference: Reference) =
    let size = 3 * 32 * 32
    let pixels = File.ReadAllBytes(SharedData.cifar100Test ())
    let rows = reference["rows"].cpu().data<int64>().ToArray()

    let chosen =
        rows
        |> Array.collect (fun row -> Array.sub pixels (int row * (size + 2) + 2) size)

    let images = torch.tensor (chosen, ReadOnlySpan [| rows.LongLength; 3L; 32L; 32L |])
    Batches.Evaluation(images.``to`` (device.Value), published)

/// Frozen blocks are computed by the native operator, and by libtorch's own.
let private paths =
    [ "native blocks", backbone; "plain blocks", lazy backbone.Value.Plain ]

let private features (backbone: Backbone Lazy) (reference: Reference) (prompts: torch.Tensor | null) readout =
    let vit =
        VisionTransformer(backbone.Value.Architecture, (fun name -> backbone.Value[name]), backbone.Value.Frozen)

    use _ = torch.no_grad ()
    vit.Features(inputOf reference, prompts, readout)

/// A classifier that starts from the reference's prompts and head.
let private start (backbone: Backbone Lazy) (reference: Reference) =
    let classifier =
        new Classifier(model, backbone.Value, counts.Length, 0L, device.Value)

    use _ = torch.no_grad ()

    classifier.Parameters[Classifier.Prompts].copy_ reference["prompts.init"]
    |> ignore

    classifier.Parameters[Classifier.HeadWeight].copy_ reference["head.init"]
    |> ignore

    classifier

let private perturbation (reference: Reference) rule (parameters: FlatParameters) : Perturbation | null =
    match (rule: string).Split('.')[0] with
    | "sgd" -> null
    | "sam" -> new Sam(parameters, 0.05)
    | _ ->
        // The file has the draws as published, deviation 1/3.
        let noise (now: Moment) (_: int) =
            3.
            * torch.cat
                [|
                    reference[$"{rule}.noise.prompts"].select(0L, now.Step).flatten()
                    reference[$"{rule}.noise.head"].select(0L, now.Step).flatten()
                |]

        new Gnm(parameters, 0.05 * 0.1, 59, true, NoiseSource noise)

/// Three steps of a rule, a third of the rows each; gives the losses and the first step's gradients, flat.
let private threeSteps (reference: Reference) rule epoch (classifier: Classifier) =
    let parameters = classifier.Parameters

    use optimizer =
        new Optimizer(new Sgd(parameters, 0.9, 1e-3), perturbation reference rule parameters)

    use loss =
        Loss.Create(
            LossSettings(25., GaussianCloudedSettings(0.1, 1.), null, null),
            counts,
            torch.ScalarType.Float32,
            device.Value
        )

    let images, targets = inputOf reference, reference["targets"]
    let third = targets.shape[0] / 3L

    let weights: torch.Tensor | null =
        match ClassWeights.Deferred(drw, counts, epoch) with
        | null -> null
        | weights -> torch.tensor (weights, torch.ScalarType.Float32, device.Value)

    let mutable call = 0L

    let noise (_: int64 array) =
        call <- call + 1L
        reference[$"{rule}.noise.loss"].select(0L, call - 1L)

    let steps =
        [
            for step in 0L .. 2L ->
                let rows (tensor: torch.Tensor) = tensor.narrow (0L, step * third, third)

                let pass =
                    Pass(fun _ backward ->
                        let value =
                            loss.Of(classifier.Outputs(rows images), rows targets, weights, LossNoise noise)

                        backward.Invoke(value.view 1L, rows targets)
                        value.detach ())

                let loss = optimizer.Step(pass, Moment(step, epoch, 0.005))

                loss.item<float32>(), parameters.Gradients.clone ()
        ]

    let losses, gradients = List.unzip steps
    torch.tensor (List.toArray losses), List.head gradients

/// The rules that the file holds, "gnm.e60" say; those of the published file where there is none to look into.
let private rules =
    match SharedData.tryGolden () with
    | Some file when File.Exists file ->
        use file = Safetensors.Read file

        [
            for tensor in file.Tensors do
                if tensor.Name.EndsWith ".losses" then
                    tensor.Name.Substring(0, tensor.Name.Length - ".losses".Length)
        ]
        |> List.sort
    | _ -> [ "gnm.e1"; "gnm.e60"; "sam.e1"; "sgd.e1" ]

let private agrees backbone (rule: string) =
    testCase $"{rule}: losses, gradients and values of three steps"
    <| scoped (fun () ->
        let reference = reference.Value

        let holds part =
            reference.Tensors |> Seq.exists (fun t -> t.Name = $"{rule}.{part}")

        let epoch = int (rule.Substring(rule.IndexOf ".e" + 2))
        use classifier = start backbone reference
        let losses, gradient = threeSteps reference rule epoch classifier
        expectClose 1e-3 losses reference[$"{rule}.losses"] "the losses"

        for part, parameter in [ "prompts", Classifier.Prompts; "head", Classifier.HeadWeight ] do
            let start, expected = reference[$"{part}.init"], reference[$"{rule}.{part}"]
            let reached = classifier.Parameters[parameter].detach()
            expectClose 1e-4 reached expected $"the {part}"
            // Three steps move the values little, so that values which never moved would almost agree.
            expectClose 1e-2 (reached - start) (expected - start) $"the way of the {part}"

        if holds "grad0.prompts" then
            let expected =
                torch.cat
                    [|
                        reference[$"{rule}.grad0.prompts"].flatten()
                        reference[$"{rule}.grad0.head"].flatten()
                    |]

            expectClose 1e-3 gradient expected "the first gradient")

let private agreement (name, backbone) =
    testList
        name
        [
            testCase "plain features are the plain timm ViT's"
            <| scoped (fun () ->
                let reference = reference.Value

                expectClose
                    1e-4
                    (features backbone reference null Readout.Cls)
                    reference["features.plain_cls"]
                    "features")

            testCase "ImageNet logits"
            <| scoped (fun () ->
                let reference = reference.Value
                use file = Safetensors.Read(SharedData.deitTiny ())
                let plain = features backbone reference null Readout.Cls
                let logits = F.linear (plain.cpu (), file["head.weight"], file["head.bias"])
                expectClose 1e-4 logits reference["logits.imagenet"] "logits")

            testCase "prompted features and cosines"
            <| scoped (fun () ->
                let reference = reference.Value

                let prompted =
                    features backbone reference reference["prompts.init"] Readout.ClsAndPrompts

                expectClose 1e-4 prompted reference["features.prompted"] "features"
                use classifier = start backbone reference
                use _ = torch.no_grad ()
                expectClose 1e-4 (classifier.Outputs(inputOf reference)) reference["cosines"] "cosines")

            yield! rules |> List.map (agrees backbone)
        ]

[<Tests>]
let tests = testList "golden" [ testList "reference" (List.map agreement paths) ]
