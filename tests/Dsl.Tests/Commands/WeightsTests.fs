/// What `longtail weights` says.
module LongTail.Tests.WeightsCommandTests

open System.IO
open System.Threading
open Expecto
open LongTail.Commands
open LongTail.Core.Downloads
open LongTail.Tests.TempFolder

let private get from checksum () =
    Weights.get from checksum None (Weights.find "DeiT_tiny_patch16_224.fb_in1k") CancellationToken.None

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
            testCase "a file is told by its tensors, its name and its metadata" (fun () ->
                let lines =
                    Weights.show $"{__SOURCE_DIRECTORY__}/../../../weights/vit-mini.safetensors"

                for words in
                    [
                        "cf92ce5ead9978b236166f9726c22df193912da43da40e76b6166e5795603607"
                        "32 pixels a side, patches of 8, 4 blocks, width 192, 3 heads"
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
                            folder, " is a folder: give a safetensors file in it"
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
