/// Files of weights as timm and transformers write them, and what the variants of the transformer compute.
module LongTail.Tests.WeightsTests

open System.IO
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

type private F = torch.nn.functional

/// A test of each of these cases, by its name.
let private each name cases body =
    testList
        name
        [
            for title, case in cases -> testCase title (scoped (fun () -> inTempFolder (body case)))
        ]

// 3 x 3 patches: 9 positions and 10 cannot be taken for each other.
let private shape = VisionTransformerShape(24, 8, 24, 3, 2)
let private plain = Architecture shape

let private clip activation =
    Architecture(shape, PatchBias = false, NormBefore = true, Activation = activation)

let private registered =
    Architecture(shape, ClassPosition = false, Registers = 4, LayerScale = true)

let private dino = Architecture(shape, LayerScale = true)
let private averaged = Architecture(shape, Pooling = Pooling.AverageThenNorm)

let private averagedLast =
    Architecture(shape, Pooling = Pooling.NormThenAverage, Registers = 2)

/// A value for every tensor of timm's layout, none of them zero or one.
let private drawn architecture =
    use stream = Randomness.Stream(5L, Purpose.Initial, 100L)

    Map
        [
            for struct (name, sizes) in BackboneLayout.Of architecture ->
                name,
                torch.randn (sizes, generator = stream) * 0.2
                + (if name.Contains "norm" then 0.8 else 0.1)
        ]

let private images () =
    use stream = Randomness.Stream(6L, Purpose.Initial, 100L)
    torch.randn ([| 3L; 3L; 24L; 24L |], generator = stream)

let private computedBy architecture (value: string -> torch.Tensor) =
    VisionTransformer(architecture, value).Features(images (), null, Readout.Cls)

let private features (backbone: Backbone) =
    computedBy backbone.Architecture (fun name -> backbone[name])

let private computed architecture (tensors: Map<string, torch.Tensor>) =
    computedBy architecture (fun name -> tensors[name])

let private averaging = [ "pooling", "avg" ]

let private write folder (metadata: (string * string) list) tensors =
    let file = Path.Combine(folder, "vit.safetensors")
    let entries = ("heads", "2") :: metadata
    Safetensors.Write(file, readOnlyDict (Map.toList tensors), readOnlyDict entries)
    file

let private load (file: string) =
    Backbone.Load(pretrained file, torch.CPU)

// ---- How others write the same tensors

type private Tensors = Map<string, torch.Tensor>

let private thirds (dimension: int64) (tensor: torch.Tensor) =
    let third = tensor.shape[int dimension] / 3L
    [ for i in 0L .. 2L -> tensor.narrow (dimension, i * third, third) ]

let private renamed (names: (string * string) list) (tensors: Tensors) : Tensors =
    let rename (name: string) =
        List.fold (fun (name: string) (from: string, into: string) -> name.Replace(from, into)) name names

    Map [ for pair in tensors -> rename pair.Key, pair.Value ]

let private apart (names: string list) (tensors: Tensors) : Tensors =
    Map
        [
            for pair in tensors do
                if pair.Key.Contains "qkv" then
                    for name, part in List.zip names (thirds 0L pair.Value) do
                        pair.Key.Replace("qkv", name), part
                else
                    pair.Key, pair.Value
        ]

let private prefixed prefix (tensors: Tensors) : Tensors =
    Map [ for pair in tensors -> prefix + pair.Key, pair.Value ]

let private beside (more: string list) (tensors: Tensors) : Tensors =
    more
    |> List.fold (fun all name -> Map.add name (torch.ones [| 2L; 2L |]) all) tensors

/// transformers' ViTModel.
let private hugging (tensors: Tensors) =
    tensors
    |> apart [ "query"; "key"; "value" ]
    |> renamed
        [
            "cls_token", "embeddings.cls_token"
            "pos_embed", "embeddings.position_embeddings"
            "patch_embed.proj", "embeddings.patch_embeddings.projection"
            "attn.proj", "attention.output.dense"
            "attn.", "attention.attention."
            "mlp.fc1", "intermediate.dense"
            "mlp.fc2", "output.dense"
            ".norm1", ".layernorm_before"
            ".norm2", ".layernorm_after"
            "blocks.", "encoder.layer."
            "norm.", "layernorm."
        ]

/// transformers' Dinov2Model and Dinov2WithRegistersModel.
let private huggingDino (tensors: Tensors) =
    tensors
    |> apart [ "query"; "key"; "value" ]
    |> renamed
        [
            "cls_token", "embeddings.cls_token"
            "reg_token", "embeddings.register_tokens"
            "pos_embed", "embeddings.position_embeddings"
            "patch_embed.proj", "embeddings.patch_embeddings.projection"
            "attn.proj", "attention.output.dense"
            "attn.", "attention.attention."
            "ls1.gamma", "layer_scale1.lambda1"
            "ls2.gamma", "layer_scale2.lambda1"
            "blocks.", "encoder.layer."
            "norm.", "layernorm."
        ]

/// transformers' CLIPVisionModel.
let private huggingClip (tensors: Tensors) : Tensors =
    tensors
    |> Map.map (fun name value ->
        match name with
        | "cls_token" -> value.reshape -1L
        | "pos_embed" -> value.select (0L, 0L)
        | _ -> value)
    |> apart [ "q_proj"; "k_proj"; "v_proj" ]
    |> renamed
        [
            "cls_token", "embeddings.class_embedding"
            "pos_embed", "embeddings.position_embedding.weight"
            "patch_embed.proj", "embeddings.patch_embedding"
            "norm_pre", "pre_layrnorm"
            "attn.proj", "self_attn.out_proj"
            ".attn.", ".self_attn."
            ".norm1", ".layer_norm1"
            ".norm2", ".layer_norm2"
            "blocks.", "encoder.layers."
            "norm.weight", "post_layernorm.weight"
            "norm.bias", "post_layernorm.bias"
            "pre_layrpost_layernorm", "pre_layrnorm"
        ]

let private activation = [ "activation", "quick_gelu" ]

let private namings =
    each
        "a transformer under another program's names gives the same features to the bit"
        [
            "timm's with its head", (plain, [], beside [ "head.weight"; "head.bias" ])
            "ViTModel", (plain, [], hugging >> beside [ "pooler.dense.weight"; "pooler.dense.bias" ])
            "ViTForImageClassification", (plain, [], hugging >> prefixed "vit." >> beside [ "classifier.weight" ])
            "DeiTModel", (plain, [], hugging >> prefixed "deit." >> beside [ "deit.embeddings.mask_token" ])
            "timm's CLIP", (clip Activation.QuickGelu, activation, beside [ "head.weight" ])
            "CLIPVisionModel",
            (clip Activation.QuickGelu,
             activation,
             huggingClip
             >> prefixed "vision_model."
             >> beside [ "vision_model.embeddings.position_ids" ])
            "CLIPModel",
            (clip Activation.Gelu,
             [ "activation", "gelu" ],
             huggingClip
             >> prefixed "vision_model."
             >> beside
                 [
                     "text_model.encoder.layers.0.mlp.fc1.weight"
                     "visual_projection.weight"
                     "text_projection.weight"
                     "logit_scale"
                 ])
            "CLIPVisionTransformer", (clip Activation.QuickGelu, activation, huggingClip)
            "Dinov2Model", (dino, [], huggingDino >> beside [ "embeddings.mask_token" ])
            "Dinov2Model in a classifier",
            (dino, [], huggingDino >> prefixed "dinov2." >> beside [ "classifier.weight" ])
            "timm's registers", (registered, [], id)
            "timm's fc_norm with its head", (averaged, [], beside [ "head.weight"; "head.bias" ])
            "an average without fc_norm", (averagedLast, averaging, id)
        ]
        (fun (architecture, metadata, written) folder ->
            let tensors = drawn architecture
            let read = load (write folder metadata (written tensors))
            Expect.equal read.Architecture architecture "architecture"
            expectSameBits (features read) (computed architecture tensors) "features")

let private halves =
    each
        "another precision is read as float32, each value as it is written"
        [
            for kind in
                [
                    torch.ScalarType.Float16
                    torch.ScalarType.BFloat16
                    torch.ScalarType.Float64
                ] -> $"{kind}", kind
        ]
        (fun kind folder ->
            let tensors = drawn plain |> Map.map (fun _ value -> value.to_type kind)
            let read = load (write folder [] (hugging tensors))

            for pair in tensors do
                expectSameBits read[pair.Key] (pair.Value.to_type torch.ScalarType.Float32) pair.Key)

// ---- What the variants compute

/// The definition, a step a line, of what a file's transformer makes of images.
let private asDefined (a: Architecture) (p: Tensors) (prompts: torch.Tensor option) (images: torch.Tensor) =
    let norm (x: torch.Tensor) name =
        let centred = x - x.mean ([| -1L |], true)
        let variance = (centred * centred).mean([| -1L |], true)
        let epsilon = if a.NormBefore then 1e-5 else 1e-6
        centred / (variance + epsilon).sqrt() * p[$"{name}.weight"] + p[$"{name}.bias"]

    let linear (x: torch.Tensor) name =
        x.matmul (p[$"{name}.weight"].transpose(0L, 1L)) + p[$"{name}.bias"]

    let activate (x: torch.Tensor) =
        if a.Activation = Activation.QuickGelu then
            x / ((x * -1.702).exp() + 1.0)
        else
            F.gelu x

    let scale name (x: torch.Tensor) = if a.LayerScale then x * p[name] else x

    let batch = images.shape[0]

    // Every patch as a row: channels, then its rows and columns.
    let rows =
        images.reshape(batch, 3L, 3L, 8L, 3L, 8L).permute(0L, 2L, 4L, 1L, 3L, 5L).reshape(batch, 9L, 192L)

    let projected =
        rows.matmul ((p["patch_embed.proj.weight"]).reshape(24L, 192L).transpose(0L, 1L))

    let patches =
        match p.TryFind "patch_embed.proj.bias" with
        | Some bias -> projected + bias
        | None -> projected

    let everywhere (token: torch.Tensor) = token.expand (batch, -1L, -1L)
    let positions = p["pos_embed"]

    let cls, patches =
        if a.ClassPosition then
            p["cls_token"] + positions.narrow (1L, 0L, 1L), patches + positions.narrow (1L, 1L, 9L)
        else
            p["cls_token"], patches + positions

    let mutable x =
        torch.cat (
            [|
                everywhere cls
                yield! p.TryFind "reg_token" |> Option.map everywhere |> Option.toArray
                patches
            |],
            1L
        )

    if a.NormBefore then
        x <- norm x "norm_pre"

    let ownTokens = x.shape[1]

    for i in 0..2 do
        match prompts with
        | Some prompts ->
            let added = prompts.narrow(0L, int64 i, 1L).expand(batch, -1L, -1L)
            x <- torch.cat ([| x.narrow (1L, 0L, ownTokens); added |], 1L)
        | None -> ()

        let name part = $"blocks.{i}.{part}"
        let qkv = thirds 2L (linear (norm x (name "norm1")) (name "attn.qkv"))

        let attended =
            [|
                for head in 0L .. 1L do
                    let part (t: torch.Tensor) = t.narrow (2L, head * 12L, 12L)

                    let weights =
                        (part qkv[0]).matmul((part qkv[1]).transpose(1L, 2L)) * (1. / sqrt 12.)

                    weights.softmax(-1L).matmul(part qkv[2])
            |]

        x <-
            x
            + scale (name "ls1.gamma") (linear (torch.cat (attended, 2L)) (name "attn.proj"))

        let hidden = activate (linear (norm x (name "norm2")) (name "mlp.fc1"))
        x <- x + scale (name "ls2.gamma") (linear hidden (name "mlp.fc2"))

    let first = 1L + int64 a.Registers
    let patches = x.narrow (1L, first, ownTokens - first)

    let pooled =
        match a.Pooling with
        | Pooling.ClassToken -> (norm x "norm").select(1L, 0L)
        | Pooling.AverageThenNorm -> norm (patches.mean [| 1L |]) "fc_norm"
        | _ -> (norm patches "norm").mean [| 1L |]

    if prompts.IsNone then
        pooled
    else
        (pooled + x.narrow(1L, ownTokens, x.shape[1] - ownTokens).mean [| 1L |]) * 0.5

let private variants =
    each
        "a variant computes what its definition says"
        [
            "plain", plain
            "CLIP, OpenAI's", clip Activation.QuickGelu
            "CLIP, LAION's", clip Activation.Gelu
            "DINOv2", dino
            "DINOv2 with registers", registered
            "the mean of the patches, then a norm", averaged
            "a norm, then the mean of the patches", averagedLast
        ]
        (fun architecture folder ->
            let tensors = drawn architecture

            let defined prompts =
                asDefined architecture tensors prompts (images ())

            expectClose 1e-5 (computed architecture tensors) (defined None) "features"

            use stream = Randomness.Stream(7L, Purpose.Initial, 100L)
            let prompts = torch.randn ([| 3L; 4L; 24L |], generator = stream)

            let metadata =
                [
                    if architecture.NormBefore then
                        "activation",
                        (if architecture.Activation = Activation.Gelu then
                             "gelu"
                         else
                             "quick_gelu")
                    if architecture.Pooling = Pooling.NormThenAverage then
                        yield! averaging
                ]

            let native = load (write folder metadata tensors)

            for frozen in [ null; native.Frozen ] do
                let vit = VisionTransformer(architecture, (fun name -> tensors[name]), frozen)

                let features readout =
                    vit.Features(images (), prompts, readout)

                expectClose 1e-5 (features Readout.ClsAndPrompts) (defined (Some prompts)) "with prompts")

/// As DINOv2 publishes registers, and transformers reads them: the class token has a position, the registers have none.
let private published =
    testCase "registers in transformers' layout and in timm's give the same features" (fun () ->
        use _ = torch.NewDisposeScope()

        inTempFolder (fun folder ->
            let timms = drawn registered

            let theirs =
                let position = torch.ones [| 1L; 1L; 24L |]

                timms
                |> Map.add "cls_token" (timms["cls_token"] - position)
                |> Map.add "pos_embed" (torch.cat ([| position; timms["pos_embed"] |], 1L))
                |> huggingDino

            let read = load (write folder [] theirs)
            expectClose 1e-5 (features read) (computed registered timms) "features"))

let private otherSide =
    testCase "positions without the class token's are interpolated too" (fun () ->
        use _ = torch.NewDisposeScope()
        let positions = drawn plain |> Map.find "pos_embed"
        let whole = PositionEmbedding.AtSide(positions, shape, 32)
        let patches = PositionEmbedding.AtSide(positions.narrow (1L, 1L, 9L), shape, 32)
        expectSameBits patches (whole.narrow (1L, 1L, 16L)) "the patches'")

let private saved =
    testCase "a tuned tower that was saved tells its heads, its activation and what it pools" (fun () ->
        use _ = torch.NewDisposeScope()

        inTempFolder (fun folder ->
            for kind in [ Activation.QuickGelu; Activation.Gelu ] do
                let file = Path.Combine(folder, $"{kind}.safetensors")
                let tensors = drawn (clip kind)
                Backbone.Save(file, clip kind, (fun name -> tensors[name]), Map.empty)
                Expect.equal (load file).Architecture (clip kind) "architecture"

            for kind in
                [
                    averaged
                    averagedLast
                    Architecture(shape, Activation = Activation.QuickGelu)
                ] do
                let file = Path.Combine(folder, "other.safetensors")
                let tensors = drawn kind
                Backbone.Save(file, kind, (fun name -> tensors[name]), Map.empty)
                Expect.equal (load file).Architecture kind "architecture"
                File.Delete file))

let private declared =
    testCase "what a file of CLIP's leaves open is declared or refused" (fun () ->
        use _ = torch.NewDisposeScope()

        inTempFolder (fun folder ->
            let file = write folder [] (drawn (clip Activation.Gelu))

            for kind in [ Activation.QuickGelu; Activation.Gelu ] do
                let source = PretrainedBackbone(file, file, 2, kind, Pooling.ClassToken)
                let read = Backbone.Load(source, torch.CPU)
                Expect.equal read.Architecture.Activation kind "as declared"

            use opened = WeightsFile.Open file
            Expect.isFalse opened.ToldActivation.HasValue "left open"

            for source in
                [
                    PretrainedBackbone(file, file, 3, Activation.Gelu, Pooling.ClassToken)
                    PretrainedBackbone(file, file, 2, Activation.Gelu, Pooling.NormThenAverage)
                ] do
                let message = inputError (fun () -> Backbone.Load(source, torch.CPU))
                Expect.stringContains message "tells otherwise" "another than the file's"))

// ---- What is no transformer

let private filled (count: int64) (value: float) kind =
    (torch.ones ([| count |], dtype = torch.ScalarType.Float64) * value).to_type kind

let private broken =
    each
        "a broken or foreign file is refused in a line that says what is wrong"
        [
            "no transformer", ("no tensor is a projection of patches", (fun _ -> Map [ "a", torch.ones [| 1L |] ]))
            "a tensor is missing", ("missing: blocks.1.norm2.bias", Map.remove "blocks.1.norm2.bias")
            "one of three is missing",
            ("missing: vit.encoder.layer.2.attention.attention.key.weight",
             hugging
             >> prefixed "vit."
             >> Map.remove "vit.encoder.layer.2.attention.attention.key.weight")
            "another tensor is there", ("unexpected: other_norm.weight", beside [ "other_norm.weight" ])
            "two last norms", ("unexpected: norm.bias, norm.weight", beside [ "fc_norm.weight"; "fc_norm.bias" ])
            "distilled", ("distilled ones", Map.add "pos_embed" (torch.ones [| 1L; 11L; 24L |]))
            "a block is missing", ("blocks.7.", renamed [ "blocks.2.", "blocks.7." ])
            "other mlp",
            ("and 8 more; unexpected", renamed [ "mlp.fc1", "mlp.a"; "mlp.fc2", "mlp.b" ] >> beside [ "x"; "y" ])
            "SwiGLU", ("tower with SwiGLU", renamed [ "mlp.fc1", "mlp.w12"; "mlp.fc2", "mlp.w3" ])
            "transformers' SwiGLU",
            ("tower with SwiGLU",
             huggingDino
             >> renamed [ "mlp.fc1", "mlp.weights_in"; "mlp.fc2", "mlp.weights_out" ])
            "timm's packed SwiGLU",
            ("tower with SwiGLU", Map.add "blocks.0.mlp.fc1.weight" (torch.ones [| 192L; 24L |]))
            "timm's DINOv3", ("as DINOv3", beside [ "rope.periods" ])
            "transformers' DINOv3",
            ("as DINOv3", huggingDino >> renamed [ "patch_embeddings.projection", "patch_embeddings" ])
            "NaN",
            ("blocks.1.norm2.bias holds NaN", Map.add "blocks.1.norm2.bias" (filled 24L nan torch.ScalarType.Float32))
            "infinity in half precision",
            ("norm.bias holds NaN or infinity", Map.add "norm.bias" (filled 24L -infinity torch.ScalarType.BFloat16))
            "more than float32 holds",
            ("norm.bias holds NaN or infinity", Map.add "norm.bias" (filled 24L 1e39 torch.ScalarType.Float64))
            "NaN in the head, which is left out",
            ("head.bias holds NaN", Map.add "head.bias" (filled 2L nan torch.ScalarType.Float32))
            "whole numbers",
            ("norm.bias is I64", Map.add "norm.bias" (torch.ones ([| 24L |], dtype = torch.ScalarType.Int64)))
            "other width", ("norm.bias [23] for [24]", Map.add "norm.bias" (torch.ones [| 23L |]))
            "gray patches",
            ("[24, 1, 8, 8] for [24, 3, 8, 8]", Map.add "patch_embed.proj.weight" (torch.ones [| 24L; 1L; 8L; 8L |]))
            "flat patches",
            ("patch_embed.proj.weight is [24, 192]", Map.add "patch_embed.proj.weight" (torch.ones [| 24L; 192L |]))
            "no positions", ("no tensor pos_embed", Map.remove "pos_embed")
        ]
        (fun (words, damage) folder ->
            let file = write folder [] (damage (drawn plain))
            let message = inputError (fun () -> WeightsFile.Open file)
            Expect.stringContains message words "says what"
            Expect.stringContains message file "says where"
            Expect.isFalse (message.Contains '\n') "one line")

let private brokenMetadata =
    each
        "metadata that cannot be is refused"
        [
            "heads that do not divide", ("heads", "7", "7 heads")
            "a mean of two", ("mean", "0.5 0.5", "mean or std = '0.5 0.5'")
            "another pooling", ("pooling", "max", "pooling = 'max'")
            "an activation of others", ("activation", "relu", "activation = 'relu'")
        ]
        (fun (key, value, words) folder ->
            let file = Path.Combine(folder, "vit.safetensors")
            Safetensors.Write(file, readOnlyDict (Map.toList (drawn plain)), readOnlyDict [ key, value ])
            let message = inputError (fun () -> WeightsFile.Open file)
            Expect.stringContains message words "says what"
            Expect.stringEnds message ": correct that, or give another file" "and what helps")

let private unreadHeads =
    each
        "heads that metadata tell in words are left to the script, whatever the published sizes"
        [ "words", "abc"; "none", "0" ]
        (fun words folder ->
            let file = Path.Combine(folder, "vit_base_patch16_224.safetensors")
            Safetensors.Write(file, readOnlyDict (Map.toList (drawn plain)), readOnlyDict [ "heads", words ])
            use opened = WeightsFile.Open file
            Expect.equal opened.UnreadHeads words "what they say"
            Expect.isFalse opened.ToldHeads.HasValue "no number"
            Expect.isFalse opened.PublishedHeads.HasValue "nor a guess")

[<Tests>]
let tests =
    testList
        "weights"
        [
            namings
            halves
            variants
            published
            otherSide
            saved
            declared
            broken
            brokenMetadata
            unreadHeads
        ]
