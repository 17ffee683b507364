/// What lies beside a file of weights: config.json, preprocessor_config.json, and the shards of an index.
module LongTail.Tests.WeightsBesideTests

open System.IO
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.TempFolder
open LongTail.Tests.Tensors

let private values (architecture: Architecture) =
    [
        for struct (name, sizes) in BackboneLayout.Of architecture -> name, torch.ones sizes
    ]

let private plain = Architecture(VisionTransformerShape(16, 8, 24, 2, 2))

let private averaged = Architecture(plain.Shape, Pooling = Pooling.AverageThenNorm)

let private clip = Architecture(plain.Shape, PatchBias = false, NormBefore = true)
let private write (path: string) (text: string) = File.WriteAllText(path, text)

/// A folder of a model as transformers or timm publish it, its files by name.
let private inFolder architecture (metadata: (string * string) list) files body =
    inTempFolder (fun folder ->
        use _ = torch.NewDisposeScope()
        let weights = Path.Combine(folder, "model.safetensors")
        Safetensors.Write(weights, readOnlyDict (values architecture), readOnlyDict metadata)

        for name: string, text in files do
            write (Path.Combine(folder, name)) text

        body folder)

let private each name cases body =
    testList name [ for title, case in cases -> testCase title (scoped (fun () -> body case)) ]

let private config text = [ "config.json", text ]

let private told =
    each
        "config.json tells heads, activation and pooling"
        [
            "transformers",
            (plain,
             [],
             """{"model_type": "vit", "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 6, "hidden_act": "gelu"}""",
             (Some 6, Some Activation.Gelu, Pooling.ClassToken))
            "transformers' CLIP",
            (clip,
             [],
             """{"model_type": "clip", "text_config": {"num_attention_heads": 8}, "vision_config": {"num_attention_heads": 4, "hidden_act": "quick_gelu"}}""",
             (Some 4, Some Activation.QuickGelu, Pooling.ClassToken))
            "timm",
            (plain,
             [],
             """{"architecture": "vit_x", "num_features": 24, "global_pool": "avg", "model_args": {"num_heads": 3}}""",
             (Some 3, Some Activation.Gelu, Pooling.NormThenAverage))
            "timm's fc_norm",
            (averaged, [], """{"global_pool": "avg"}""", (None, Some Activation.Gelu, Pooling.AverageThenNorm))
            "timm's quick GELU",
            (clip,
             [],
             """{"architecture": "vit_base_patch32_clip_quickgelu_224", "global_pool": "token"}""",
             (None, Some Activation.QuickGelu, Pooling.ClassToken))
            "the same as metadata",
            (plain,
             [ "heads", "4" ],
             """{"num_attention_heads": 4}""",
             (Some 4, Some Activation.Gelu, Pooling.ClassToken))
            "another program's", (clip, [], """{"editor.tabSize": 4}""", (None, None, Pooling.ClassToken))
        ]
        (fun (architecture, metadata, text, expected) ->
            inFolder architecture metadata (config text) (fun folder ->
                for path in [ folder; Path.Combine(folder, "model.safetensors") ] do
                    use opened = WeightsFile.Open path

                    Expect.equal
                        (Option.ofNullable opened.ToldHeads, Option.ofNullable opened.ToldActivation, opened.Pooling)
                        expected
                        path))

let private pixels =
    let tenths = Rgb(0.1, 0.2, 0.3), Rgb(0.4, 0.5, 0.6)

    let statistics = "\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [0.4, 0.5, 0.6]"

    each
        "preprocessor_config.json tells pixels and size, and timm's config.json where there is none"
        [
            "a size", ([ "preprocessor_config.json", $"{{{statistics}, \"size\": 24}}" ], (Some tenths, Some 24))
            "height and width",
            ([
                "preprocessor_config.json", $"{{{statistics}, \"size\": {{\"height\": 32, \"width\": 32}}}}"
             ],
             (Some tenths, Some 32))
            "a crop of the shortest edge",
            ([
                "preprocessor_config.json",
                $"{{{statistics}, \"size\": {{\"shortest_edge\": 256}}, \"crop_size\": {{\"height\": 224, \"width\": 224}}}}"
             ],
             (Some tenths, Some 224))
            "no crop",
            ([
                "preprocessor_config.json",
                """{"do_center_crop": false, "crop_size": 24, "size": {"shortest_edge": 256}}"""
             ],
             (None, None))
            "nothing is subtracted",
            ([ "preprocessor_config.json", $"{{{statistics}, \"do_normalize\": false}}" ],
             (Some(Rgb(0, 0, 0), Rgb(1, 1, 1)), None))
            "timm",
            (config
                """{"pretrained_cfg": {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6], "input_size": [3, 48, 48]}}""",
             (Some tenths, Some 48))
            "the preprocessor's before timm's",
            ([
                "config.json", """{"mean": [0.7, 0.7, 0.7], "std": [1, 1, 1]}"""
                "preprocessor_config.json", $"{{{statistics}}}"
             ],
             (Some tenths, None))
            "neither", ([], (None, None))
        ]
        (fun (files, expected) ->
            inFolder plain [] files (fun folder ->
                use opened = WeightsFile.Open folder

                let statistics =
                    opened.Statistics
                    |> Option.ofNullable
                    |> Option.map (fun struct (mean, deviation) -> mean, deviation)

                Expect.equal (statistics, Option.ofNullable opened.Config.Side) expected "statistics and side"))

let private published =
    testTheory
        "heads of published sizes are known, and not guessed where there are several or none"
        [
            (1280, 32, false, "huge"), Some 16
            (1024, 24, false, "large"), Some 16
            (768, 12, false, "base"), Some 12
            (512, 12, true, "deit3_medium"), Some 8
            (384, 12, false, "small"), None
            (384, 12, false, "vit_small_patch16_224.augreg_in21k.safetensors"), Some 6
            (384, 12, false, "mocov3_vit_small_patch16.safetensors"), None
            (384, 12, true, "dinov2-small"), Some 6
            (192, 12, false, "deit_tiny_patch16_224.fb_in1k"), Some 3
            (192, 12, false, "tiny"), None
            (192, 4, false, "vit-mini"), None
            (768, 8, false, "vit_small"), None
            (320, 14, false, "vit_little_patch16"), None
        ]
        (fun ((width, depth, scaled, name), expected) ->
            Expect.equal (PublishedHeads.Of(width, depth, scaled, name) |> Option.ofNullable) expected name)

let private byName =
    testCase "a file under timm's name is known by it, and the same one under another is not" (fun () ->
        use _ = torch.NewDisposeScope()
        let tiny = Architecture(VisionTransformerShape(16, 8, 192, 12, 3))

        let heads (path: string) =
            use opened = WeightsFile.Open path
            Expect.isFalse opened.ToldHeads.HasValue "the file tells none"
            Option.ofNullable opened.PublishedHeads

        inFolder tiny [] [] (fun folder ->
            let file = Path.Combine(folder, "model.safetensors")
            Expect.equal (heads file) None "model"
            let named = Path.Combine(folder, "vit_tiny_patch16_224.x.safetensors")
            File.Copy(file, named)
            Expect.equal (heads named) (Some 3) "named"
            let sub = Directory.CreateDirectory(Path.Combine(folder, "vit_tiny_patch16_224.x"))
            File.Move(file, Path.Combine(sub.FullName, "model.safetensors"))
            Expect.equal (heads sub.FullName) (Some 3) "its folder"
            write (Path.Combine(folder, "config.json")) """{"num_attention_heads": 12}"""
            use opened = WeightsFile.Open named
            Expect.equal (Option.ofNullable opened.ToldHeads) (Some 12) "the config's before the name's"))

let private name = sprintf "model-0000%i-of-00002.safetensors"
let private index = "model.safetensors.index.json"

/// The tensors in two shards under an index, each by what the case makes of it.
let private inShards change body =
    inTempFolder (fun folder ->
        use _ = torch.NewDisposeScope()
        let first, second = values plain |> List.splitAt 9

        let first, second, entries =
            change (
                first,
                second,
                [
                    for tensor, _ in first -> tensor, name 1
                    for tensor, _ in second -> tensor, name 2
                ]
            )

        for number, tensors in [ 1, first; 2, second ] do
            if not (List.isEmpty tensors) then
                Safetensors.Write(
                    Path.Combine(folder, name number),
                    readOnlyDict tensors,
                    readOnlyDict [ "format", "pt"; "heads", "2" ]
                )

        let map = entries |> List.map (fun (tensor, shard) -> $"\"{tensor}\": \"{shard}\"")
        let list = String.concat ", " map
        write (Path.Combine(folder, index)) $"{{\"metadata\": {{\"total_size\": 1}}, \"weight_map\": {{{list}}}}}"
        body folder)

let private shards =
    testCase "the shards of an index are one file, each tensor read from its own" (fun () ->
        use _ = torch.NewDisposeScope()

        inShards id (fun folder ->
            for path in [ folder; Path.Combine(folder, index) ] do
                use opened = WeightsFile.Open path
                Expect.equal (Option.ofNullable opened.ToldHeads) (Some 2) "metadata"

                for struct (tensor, shape) in BackboneLayout.Of plain do
                    expectSameBits (opened.Read(tensor, shape)) (torch.ones shape) tensor

                let hash = opened.ContentHash

                for number in [ 1; 2 ] do
                    let shard = Path.Combine(folder, name number)
                    let bytes = File.ReadAllBytes shard
                    bytes[bytes.Length - 1] <- bytes[bytes.Length - 1] ^^^ 1uy
                    File.WriteAllBytes(shard, bytes)
                    use other = WeightsFile.Open path
                    Expect.notEqual other.ContentHash hash "every shard is part of the hash"
                    bytes[bytes.Length - 1] <- bytes[bytes.Length - 1] ^^^ 1uy
                    File.WriteAllBytes(shard, bytes)))

let private refusedIn words (folder: string) path =
    let message = inputError (fun () -> WeightsFile.Open path)
    Expect.stringContains message words "says what"
    Expect.stringContains message folder "says where"
    Expect.isFalse (message.Contains '\n') "one line"

let private brokenShards =
    each
        "an index that does not fit its shards is refused in a line"
        [
            "a shard is missing",
            ("lists the shard model-00002-of-00002.safetensors, and there is no such file",
             (fun (a, _, map) -> a, [], map))
            "a tensor is in two shards",
            ("tensor cls_token is in two shards", (fun (a, b, map) -> a, List.head a :: b, map))
            "a tensor is in no shard",
            ("lists tensor extra in model-00001", (fun (a, b, map) -> a, b, ("extra", name 1) :: map))
            "a tensor is in the other shard",
            ("lists tensor cls_token in model-00002", (fun (a, b, map) -> a, b, ("cls_token", name 2) :: List.tail map))
            "a tensor is named twice", ("no valid JSON", (fun (a, b, map) -> a, b, ("cls_token", name 2) :: map))
            "a shard in another folder",
            ("weight_map.cls_token", (fun (a, b, map) -> a, b, ("cls_token", "../x.safetensors") :: List.tail map))
            "no shards", ("lists no shards", (fun (a, b, _) -> a, b, []))
            "not all of the model", ("missing: cls_token", (fun (a, b, map) -> List.tail a, b, List.tail map))
        ]
        (fun (words, change) -> inShards change (fun folder -> refusedIn words folder folder))

let private oneShard =
    testCase "one shard of several is refused, and its index named" (fun () ->
        inShards id (fun folder ->
            refusedIn $"name their index, {Path.Combine(folder, index)}" folder (Path.Combine(folder, name 1))))

let private brokenConfigs =
    each
        "what lies beside a file and cannot be is refused in a line"
        [
            "a page of a web site",
            ([ "config.json", "<html>\nsign in" ],
             "config.json is no valid JSON: line 1 is cut off, or holds something else: fetch it again")
            "half a file",
            (config "{\"num_attention_heads\":\n2,",
             "is no valid JSON: line 2 is cut off, or holds something else: fetch")
            "a name twice",
            (config """{"hidden_size": 24, "hidden_size": 24}""",
             "no valid JSON: the name 'hidden_size' comes twice: fetch it")
            "half of a pair",
            (config """{"architecture": "vit", "\ud800": 1, "\ud800": 2}""",
             "no valid JSON: a text escapes half of a surrogate pair: fetch it")
            "a list", ([ "config.json", "[]" ], "no JSON object")
            "heads in words",
            (config """{"num_attention_heads": "twelve"}""",
             "num_attention_heads = \"twelve\" is not a whole number above 0: correct it, or fetch the file again")
            "no heads", (config """{"num_attention_heads": 0}""", "num_attention_heads = 0")
            "heads other than the metadata's", (config """{"num_attention_heads": 4}""", "of two models")
            "another model's width", (config """{"hidden_size": 1024}""", "hidden_size = 1024")
            "another model's depth", (config """{"num_hidden_layers": 24}""", "num_hidden_layers = 24")
            "an activation of others",
            (config """{"hidden_act": "gelu_new"}""",
             "hidden_act = \"gelu_new\" is not computed here, gelu and quick_gelu are: give another model")
            "a pooling of others",
            (config """{"global_pool": "map"}""",
             "global_pool = \"map\" is not computed here, token and avg are: give another model")
            "DINOv3", (config """{"model_type": "dinov3_vit"}""", "as DINOv3")
            "SwiGLU", (config """{"use_swiglu_ffn": true}""", "tower with SwiGLU")
            "vision as a text",
            (config """{"vision_config": "base"}""",
             "vision_config = \"base\" is not an object: correct it, or fetch the file again")
            "a mean of two",
            ([ "preprocessor_config.json", """{"image_mean": [0.5, 0.5]}""" ],
             "image_mean = [0.5, 0.5] is not a list of 3 numbers: correct it, or fetch the file again")
            "a deviation of 0",
            ([
                "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, 0, 1]}"""
             ],
             "image_std")
            "half a side", ([ "preprocessor_config.json", """{"size": 22.5}""" ], "size = 22.5")
        ]
        (fun (files, words) -> inFolder plain [ "heads", "2" ] files (fun folder -> refusedIn words folder folder))

let private fcNormOfToken =
    testCase "fc_norm and a config that reads the class token contradict each other" (fun () ->
        inFolder averaged [] (config """{"global_pool": "token"}""") (fun folder ->
            refusedIn "global_pool = token" folder folder))

let private undivided =
    testCase "heads of config.json that do not divide the width are refused" (fun () ->
        inFolder plain [] (config """{"num_attention_heads": 7}""") (fun folder ->
            refusedIn "tells 7 heads, which do not divide its width 24" folder folder))

let private emptyFolder =
    testCase "a folder without weights is refused" (fun () ->
        inTempFolder (fun folder ->
            refusedIn "without model.safetensors or model.safetensors.index.json" folder folder))

[<Tests>]
let tests =
    testList
        "beside weights"
        [
            told
            pixels
            published
            byName
            shards
            brokenShards
            oneShard
            brokenConfigs
            fcNormOfToken
            undivided
            emptyFolder
        ]
