/// The model's laws (method.md 9, 22 to 25) on small drawn transformers.
module LongTail.Tests.ModelTests

open System.IO
open FsCheck.FSharp
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

type private F = torch.nn.functional

let private shape = VisionTransformerShape(16, 8, 24, 3, 2)
let private architecture = Architecture shape
let private classes = 5
let private backbone = lazy (Backbone.Draw(shape, torch.CPU, 7L))

let private vit =
    lazy (VisionTransformer(architecture, (fun name -> backbone.Value[name])))

let private drawn key (sizes: int64 list) =
    use stream = Randomness.Stream(int64 (key: int), Purpose.Initial, 100L)
    torch.randn (List.toArray sizes, generator = stream)

let private images key count = drawn key [ count; 3L; 16L; 16L ]
let private prompts key length = drawn (key + 1) [ 3L; length; 24L ]

let private settings tuning head =
    ModelSettings(
        DrawnBackbone shape,
        4,
        Readout.ClsAndPrompts,
        head,
        HeadInitial.Drawn,
        tuning,
        null,
        Precision.Float32
    )

let private classifier tuning head =
    new Classifier(settings tuning head, backbone.Value, classes, 3L, torch.CPU)

let private inBrief tuning =
    let model =
        ModelSettings(
            DrawnBackbone shape,
            4,
            Readout.ClsAndPrompts,
            HeadKind.Cosine,
            HeadInitial.Drawn,
            tuning,
            null,
            Precision.BFloat16
        )

    new Classifier(model, backbone.Value, classes, 3L, torch.CPU)

let private outputs (classifier: Classifier) (images: torch.Tensor) =
    use _ = torch.no_grad ()
    classifier.Outputs images

let private seeds = Arb.fromGen (Gen.choose (0, 10000))

let private law name body =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 20
        }
        name
    <| Prop.forAll seeds (fun seed -> scoped (fun () -> body seed) ())

/// Attention with queries, keys and values of every token, prompts among them, each computed for each image: the
/// definition of method.md 3 word for word, for the block that shares and skips to agree with. Every factor of a block's products
/// passes `factor`.
let private computedWith (factor: torch.Tensor -> torch.Tensor) (images: torch.Tensor) (prompts: torch.Tensor) =
    let p name = backbone.Value[name]

    let norm x name =
        F.layer_norm (x, [| 24L |], p $"{name}.weight", p $"{name}.bias", 1e-6)

    let linear x name =
        F.linear (factor x, factor (p $"{name}.weight"), p $"{name}.bias")

    let batch = images.shape[0]

    let patches =
        F
            .conv2d(images, p "patch_embed.proj.weight", p "patch_embed.proj.bias", strides = [| 8L; 8L |])
            .flatten(2L)
            .transpose(1L, 2L)

    let mutable x =
        torch.cat ([| (p "cls_token").expand(batch, -1L, -1L); patches |], 1L)
        + p "pos_embed"

    let mutable read = x
    let tokens = x.shape[1]

    for i in 0L .. 2L do
        x <- torch.cat ([| x; prompts.select(0L, i).unsqueeze(0L).expand(batch, -1L, -1L) |], 1L)
        let count = x.shape[1]

        let qkv =
            (linear (norm x $"blocks.{i}.norm1") $"blocks.{i}.attn.qkv")
                .reshape(batch, count, 3L, 2L, 12L)
                .permute(2L, 0L, 3L, 1L, 4L)

        let query, key, value = factor qkv[0L], factor qkv[1L], factor qkv[2L]

        let weights =
            (query.matmul (key.transpose (-2L, -1L)) * (1. / sqrt 12.)).softmax -1L

        let attended =
            (factor weights).matmul(value).transpose(1L, 2L).reshape(batch, count, 24L)

        x <- x + linear attended $"blocks.{i}.attn.proj"

        x <-
            x
            + linear ((linear (norm x $"blocks.{i}.norm2") $"blocks.{i}.mlp.fc1").gelu()) $"blocks.{i}.mlp.fc2"

        read <- x
        x <- x.narrow (1L, 0L, tokens)

    (norm x "norm").select(1L, 0L), read.narrow (1L, tokens, read.shape[1] - tokens)

let private asDefined = computedWith id

let private rounded (values: torch.Tensor) =
    values.``to``(torch.ScalarType.BFloat16).``to``(torch.ScalarType.Float32)

let private readOut (cls: torch.Tensor, prompts: torch.Tensor) = (cls + prompts.mean [| 1L |]) * 0.5

[<Tests>]
let tests =
    testList
        "model"
        [
            law
                "in bfloat16 features are float32's but for its eight bits, and what is trained stays float32"
                (fun seed ->
                    let images = images seed 3L

                    // libtorch's own operators round every output, and not alike on every processor: of a hundred draws the largest
                    // errors were 0.064 and, as small outputs have gradients of large relative error, 0.112. Frozen blocks round the
                    // factors of products only: 0.0025 and 0.0033.
                    for tuning, ofFeatures, ofGradients in
                        [ Tuning.PromptsAndHead, 0.01, 0.01; Tuning.Everything, 0.15, 0.3 ] do
                        use exact = classifier tuning HeadKind.Cosine
                        use brief = inBrief tuning
                        let error = relativeError (brief.Features images) (exact.Features images)
                        Order.isLessThan error ofFeatures $"features, {tuning}"
                        Order.isGreaterThan error 1e-5 "another arithmetic"

                        for classifier in [ exact; brief ] do
                            (classifier.Outputs(images) * classifier.Outputs(images)).sum().backward()

                        let gradients (classifier: Classifier) = classifier.Parameters.Gradients
                        Expect.equal (gradients brief).dtype torch.ScalarType.Float32 "type of gradients"

                        Order.isLessThan
                            (relativeError (gradients brief) (gradients exact))
                            ofGradients
                            $"gradients, {tuning}")
            law "in bfloat16 native blocks round the factors of their products and nothing else" (fun seed ->
                let images, prompts = images seed 3L, prompts seed 4L
                let brief = backbone.Value.In Precision.BFloat16

                let blocks =
                    VisionTransformer(architecture, (fun name -> brief[name]), brief.Frozen)

                let native = blocks.Features(images, prompts, Readout.ClsAndPrompts)

                let apart factor =
                    relativeError native (readOut (computedWith factor images prompts))

                Order.isLessThan (apart rounded) (apart id / 2.) "the definition with rounded factors is nearer")

            law "at another side than its own a backbone is interpolated in bfloat16 too" (fun seed ->
                let images = drawn seed [ 2L; 3L; 32L; 32L ]
                use exact = classifier Tuning.PromptsAndHead HeadKind.Cosine
                use brief = inBrief Tuning.PromptsAndHead
                Order.isLessThan (relativeError (brief.Features images) (exact.Features images)) 0.03 "features")
            law "shared and skipped work changes nothing: features are those of the definition" (fun seed ->
                let images, prompts = images seed 3L, prompts seed 4L
                let shared = vit.Value.Features(images, prompts, Readout.ClsAndPrompts)
                expectClose 1e-5 shared (readOut (asDefined images prompts)) "features")

            law "without prompts the class token's read-out is the plain transformer's" (fun seed ->
                let images = images seed 3L
                let plain = vit.Value.Features(images, null, Readout.Cls)
                expectClose 1e-5 plain (fst (asDefined images (prompts seed 0L))) "features")

            law "gradients of the prompts are those of the definition" (fun seed ->
                let images, prompts = images seed 3L, (prompts seed 4L).requires_grad_()

                let gradient (features: torch.Tensor) =
                    features.pow((2).ToScalar()).sum().backward()

                    match prompts.grad with
                    | null -> failtest "no gradient"
                    | gradient ->
                        let kept = gradient.clone ()
                        gradient.zero_ () |> ignore
                        kept

                let ours = gradient (vit.Value.Features(images, prompts, Readout.ClsAndPrompts))
                expectClose 1e-4 ours (gradient (readOut (asDefined images prompts))) "gradient")

            law "the order of the prompts inside a layer does not matter" (fun seed ->
                let images, prompts = images seed 2L, prompts seed 5L
                let turned = prompts.flip 1L

                let features (prompts: torch.Tensor) =
                    vit.Value.Features(images, prompts, Readout.ClsAndPrompts)

                expectClose 1e-5 (features turned) (features prompts) "features")

            law "an image's features do not depend on the rest of the batch" (fun seed ->
                let batch = images seed 4L
                let prompts = prompts seed 3L

                let features (images: torch.Tensor) =
                    vit.Value.Features(images, prompts, Readout.ClsAndPrompts)

                let alone = features (batch.narrow (0L, 2L, 1L))
                expectClose 1e-5 ((features batch).narrow(0L, 2L, 1L)) alone "features")

            test "outputs have a row an image and a column a class" {
                for head in [ HeadKind.Linear; HeadKind.Cosine ] do
                    use model = classifier Tuning.PromptsAndHead head
                    Expect.equal (outputs model (images 1 6L)).shape [| 6L; int64 classes |] "shape"
            }

            law "cosines lie in [-1, 1] and do not see the length of a head's row" (fun seed ->
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine
                let images = images seed 3L
                let before = outputs model images
                Order.isLessThanOrEqual (before.abs().max().item<float32>()) 1.000001f "bound"

                using (torch.no_grad ()) (fun _ ->
                    model.Parameters[Classifier.HeadWeight].select(0L, 1L).mul_((3.5).ToScalar())
                    |> ignore)

                expectClose 1e-5 (outputs model images) before "cosines")

            law "a cosine head's outputs are the cosines between features and its rows" (fun seed ->
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine
                use _ = torch.no_grad ()
                let images = images seed 3L

                let unit (rows: torch.Tensor) =
                    rows / (rows * rows).sum([| 1L |], true).sqrt()

                let expected =
                    (unit (model.Features images))
                        .matmul((unit model.Parameters[Classifier.HeadWeight]).transpose(0L, 1L))

                expectClose 1e-5 (outputs model images) expected "cosines")

            law "a cosine head's gradient is orthogonal to its rows" (fun seed ->
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine
                let targets = torch.tensor [| 0L; 2L; 4L |]
                F.cross_entropy(model.Outputs(images seed 3L) * 25.0, targets).backward()
                let head = model.Parameters[Classifier.HeadWeight]

                match head.grad with
                | null -> failtest "no gradient"
                | gradient ->
                    let inner = (head.detach () * gradient).sum(1L).abs().max().item<float32>()
                    Order.isLessThan inner (1e-4f * (gradient.norm ()).item<float32>()) "inner products")

            test "prompts and head start as draws of their own with a deviation of 0.02" {
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine

                let start (name: string) =
                    model.Parameters[name].detach().reshape(-1L).data<float32>().ToArray()

                let prompts, head = start Classifier.Prompts, start Classifier.HeadWeight

                for name, values in [ "prompts", prompts; "head", head ] do
                    let deviation = values |> Array.averageBy (fun x -> float x * float x) |> sqrt
                    Order.isLessThan (abs (deviation - 0.02)) 0.005 $"deviation of the {name}"

                Expect.notEqual head[..9] prompts[..9] "two draws"
            }

            test "prompts and head are trained, Depth * P * Width + Width * C numbers of them" {
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine
                Expect.equal model.Parameters.Count (3L * 4L * 24L + 24L * int64 classes) "trained"
                use head = classifier Tuning.HeadOnly HeadKind.Linear
                Expect.equal head.Parameters.Count (24L * int64 classes + int64 classes) "head only"
                use all = classifier Tuning.Everything HeadKind.Cosine

                let backbone =
                    BackboneLayout.Of architecture
                    |> Seq.sumBy (fun struct (_, s) -> Array.reduce (*) s)

                Expect.equal all.Parameters.Count (model.Parameters.Count + backbone) "everything"
            }

            test "the frozen backbone records nothing and keeps its bits through a backward pass" {
                use _ = torch.NewDisposeScope()
                use model = classifier Tuning.PromptsAndHead HeadKind.Cosine

                let names =
                    BackboneLayout.Of architecture
                    |> Seq.map (fun struct (name, _) -> name)
                    |> List.ofSeq

                let before = names |> List.map (fun name -> backbone.Value[name].clone())
                F.cross_entropy(model.Outputs(images 5 3L), torch.tensor [| 0L; 1L; 2L |]).backward()

                for name, before in List.zip names before do
                    let now = backbone.Value[name]
                    expectSameBits now before name
                    Expect.isFalse now.requires_grad name
                    Expect.isNull now.grad name
            }

            test "another input side interpolates the position embedding and leaves the class token's" {
                use _ = torch.NewDisposeScope()
                let embedding = backbone.Value["pos_embed"]
                let larger = PositionEmbedding.AtSide(embedding, shape, 32)
                Expect.equal larger.shape [| 1L; 17L; 24L |] "4 x 4 patches"
                expectSameBits (larger.select (1L, 0L)) (embedding.select (1L, 0L)) "class token"

                // Two channels that tell the 2 x 2 patches' column and row.
                let told =
                    torch
                        .tensor(
                            [|
                                for place in -1 .. 3 do
                                    for channel in 0..23 do
                                        match channel with
                                        | 0 -> float32 (place % 2)
                                        | 1 -> float32 (place / 2)
                                        | _ -> 0f
                            |]
                        )
                        .view(1L, 5L, 24L)

                let grid =
                    PositionEmbedding.AtSide(told, shape, 32).narrow(1L, 1L, 16L).reshape(4L, 4L, 24L)

                let columns = grid.select (2L, 0L)
                expectClose 1e-6 (grid.select (2L, 1L)) (columns.transpose (0L, 1L)) "rows go as columns do"
                let row = columns.select(0L, 0L).contiguous().data<float32>().ToArray()
                Expect.isAscending row "from column to column"
                Order.isLessThan row[0] row[3] "from column to column"

                Expect.isTrue
                    (obj.ReferenceEquals(PositionEmbedding.AtSide(embedding, shape, 16), embedding))
                    "own side"
            }

            test "a backbone that was saved is read with the same shape and bits" {
                inTempFolder (fun folder ->
                    let file = Path.Combine(folder, "vit.safetensors")
                    Backbone.Save(file, architecture, (fun name -> backbone.Value[name]), Map [ "data", "none" ])
                    let read = Backbone.Load(pretrained file, torch.CPU)
                    Expect.equal read.Architecture architecture "shape, heads too"

                    for struct (name, _) in BackboneLayout.Of architecture do
                        expectSameBits read[name] backbone.Value[name] name)
            }
        ]
