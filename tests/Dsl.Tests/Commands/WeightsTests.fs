/// What `longtail weights` says.
module LongTail.Tests.WeightsCommandTests

open System.Collections.ObjectModel
open System.IO
open System.Threading
open Expecto
open TorchSharp
open LongTail
open LongTail.Commands
open LongTail.Core.Downloads
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Tests.TempFolder

let private get from checksum () =
    Weights.get from checksum None (Weights.find "DeiT_tiny_patch16_224.fb_in1k") CancellationToken.None

/// A small transformer with this metadata, and beside it these files.
let private inPublishedWith (metadata: (string * string) list) (files: (string * string) list) body =
    inTempFolder (fun folder ->
        use _ = torch.NewDisposeScope()
        let drawn = Backbone.Draw(VisionTransformerShape(16, 8, 24, 1, 2), torch.CPU, 0L)
        let file = Path.Combine(folder, "model.safetensors")

        let tensors =
            dict
                [
                    for struct (name, _) in BackboneLayout.Of drawn.Architecture -> name, drawn[name]
                ]

        Safetensors.Write(file, ReadOnlyDictionary tensors, ReadOnlyDictionary(dict metadata))

        for name, text in files do
            File.WriteAllText(Path.Combine(folder, name), text)

        body folder)

/// As timm would publish it.
let private inPublished files body = inPublishedWith [] files body

let private config text = [ "config.json", text ]

/// What a person may have beside weights, or in their place, and cannot mean.
let private malformed =
    [
        "config.json cut off", (config """{"num_attention_heads": 2,""", "")
        "two numbers of heads", (config """{"num_attention_heads": 2, "num_attention_heads": 3}""", "")
        "another model's config.json", (config """{"hidden_size": 768, "num_attention_heads": 12}""", "")
        "an activation that is not computed", (config """{"hidden_act": "gelu_pytorch_tanh"}""", "")
        "a pooling that is not computed", (config """{"global_pool": "avgmax"}""", "")
        "a deviation below 0",
        ([
            "preprocessor_config.json", """{"image_mean": [0, 0, 0], "image_std": [1, -1, 1]}"""
         ],
         "")
        "an index that is a list", ([ "x.json", "[]" ], "x.json")
        "an index that names itself", ([ "x.json", """{"weight_map": {"cls_token": "x.json"}}""" ], "x.json")
        "an index of an absolute path",
        ([ "x.json", """{"weight_map": {"cls_token": "/model.safetensors"}}""" ], "x.json")
        "an index whose shard is no text", ([ "x.json", """{"weight_map": {"cls_token": null}}""" ], "x.json")
        "a pointer of Git LFS",
        ([
            "lfs.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
         ],
         "lfs.safetensors")
        "one shard by its name",
        ([ "model-00001-of-00002.safetensors", ""; "model.safetensors.index.json", "{}" ],
         "model-00001-of-00002.safetensors")
    ]

let private refusals =
    testList
        "malformed weights are one line and exit code 2"
        [
            for name, (files, path) in malformed ->
                testCase name (fun () ->
                    inPublished files (fun folder ->
                        let path = Path.Combine(folder, path)
                        let message = inputError (fun () -> Weights.show path)
                        Expect.isFalse (message.Contains '\n') "one line"
                        Expect.stringContains message folder "where"
                        Expect.equal (BackboneFile.read path) (Error message) "the same in a plan"
                        Expect.equal (Program.main [| "weights"; "show"; path |]) 2 "exit code"))
        ]

[<Tests>]
let tests =
    testList
        "weights command"
        [
            testCase "all that is published is listed, with what it has learnt and its licence" (fun () ->
                let lines = Weights.all ()
                Expect.hasLength lines (PublishedWeights.All.Count + 1) "one a line, and how to fetch"

                for weights in PublishedWeights.All do
                    let line = lines |> List.find _.StartsWith(weights.Name)
                    Expect.stringContains line weights.Licence "licence"
                    Expect.isFalse (line.Contains "not told") "what it has learnt")
            refusals
            testCase "a file in a folder that is not there is refused before anything is fetched" (fun () ->
                inTempFolder (fun folder ->
                    for out, why in
                        [
                            Path.Combine(folder, "none", "w.safetensors"), "there is no folder"
                            "", "no file"
                        ] do
                        let fetch () =
                            Weights.get
                                None
                                None
                                (Some out)
                                (Weights.find "DeiT_tiny_patch16_224.fb_in1k")
                                CancellationToken.None
                            |> ignore

                        Expect.stringContains (inputError fetch) why "why"

                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is made"))
            testCase "a folder of a published model tells heads, pixels and side" (fun () ->
                let files =
                    [
                        "config.json", """{"num_attention_heads": 4, "global_pool": "avg"}"""
                        "preprocessor_config.json",
                        """{"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6], "size": 24}"""
                    ]

                inPublished files (fun folder ->
                    match BackboneFile.read folder with
                    | Ok file ->
                        Expect.equal file.ToldHeads (Some 4) "heads"
                        Expect.equal file.Pooling Pooling.NormThenAverage "pooling"
                        Expect.equal (file.InputSide, file.PatchSize, file.Width) (24, 8, 24) "sizes"

                        Expect.equal
                            (file.Pretraining.Normalisation |> Option.map _.Mean)
                            (Some(Rgb(0.1, 0.2, 0.3)))
                            "pixels"
                    | Error fault -> failtest fault

                    let lines = Weights.show folder

                    for words in [ "4 heads"; "images of 24 pixels"; "the mean of its patches"; "0.1 0.2 0.3" ] do
                        Expect.exists lines _.Contains(words) words))
            testCase "what a script must say of a file is told" (fun () ->
                inPublished [] (fun folder ->
                    Expect.exists
                        (Weights.show folder)
                        _.Contains("|> heads N: the file does not tell the heads")
                        "heads"

                    match BackboneFile.read folder with
                    | Ok file -> Expect.equal (BackboneFile.heads (vit folder) file) None "not guessed"
                    | Error fault -> failtest fault))
            testCase "metadata that say no number of heads are told as they stand" (fun () ->
                for said in [ "many"; "0" ] do
                    inPublishedWith [ "heads", said ] [] (fun folder ->
                        let lines = Weights.show folder
                        Expect.exists lines _.EndsWith($", width 24, heads = '{said}'") "sizes"

                        Expect.exists
                            lines
                            _.EndsWith(
                                $"|> heads N: the file does not tell the heads that it was trained with; its metadata say heads = '{said}', which is no number of them"
                            )
                            "script"))
            testCase "a file is told by its tensors, its name and its metadata" (fun () ->
                let file = $"{__SOURCE_DIRECTORY__}/../../../weights/vit-mini.safetensors"
                let lines = Weights.show file
                use opened = WeightsFile.Open file

                for words in
                    [
                        ContentHash.Of file
                        $"{opened.Depth} blocks, width {opened.Width}, {opened.ToldHeads.Value} heads"
                        "a plain ViT"
                        "CIFAR-100"
                        "timm"
                        "F32"
                    ] do
                    Expect.exists lines _.Contains(words) words)
            testCase "a missing file and a folder are told as such" (fun () ->
                inTempFolder (fun folder ->
                    for path, words in
                        [
                            Path.Combine(folder, "none"), ": there is no such file"
                            Path.Combine(folder, "none", "none"), ": there is no such file"
                            folder,
                            " is a folder without model.safetensors or model.safetensors.index.json: give a safetensors file in it"
                        ] do
                        Expect.equal (inputError (fun () -> Weights.show path)) (path + words) "in our words"))
            testTheory
                "what cannot be is refused in one line"
                [
                    "there are no weights x here; there are vit_tiny", "x", None, None
                    "no http address of a file", "", Some "ftp://x", None
                    "32 hex digits", "", None, Some "123"
                    "32 hex digits", "", None, Some(String.replicate 32 "g")
                ]
                (fun (words, name, from, checksum) ->
                    let message =
                        inputError (fun () ->
                            if name = "" then
                                get from checksum ()
                            else
                                [ (Weights.find name).Name ])

                    Expect.stringContains message words "words"
                    Expect.isFalse (message.Contains '\n') "one line")
        ]
